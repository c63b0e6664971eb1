// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptcap as a function.

#ifndef PTCAP_CAPTURE_CAPTURE_H_
#define PTCAP_CAPTURE_CAPTURE_H_

#include <string>
#include <vector>

namespace ptcap::capture {

// Does what the arguments (without the program's name) say; returns the exit
// status. Messages go to stderr; nothing is thrown.
int run_ptcap(const std::vector<std::string>& arguments) noexcept;

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_CAPTURE_H_
