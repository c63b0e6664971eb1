// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The one way in which ptcap speaks to people: stderr, with its name.

#ifndef PTCAP_CAPTURE_MESSAGE_H_
#define PTCAP_CAPTURE_MESSAGE_H_

#include <string>

namespace ptcap::capture {

// Prints "ptcap: MESSAGE" and a newline, in one write.
void print_message(const std::string& message);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_MESSAGE_H_
