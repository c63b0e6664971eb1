// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#ifndef PTCAP_CAPTURE_VERSION_H_
#define PTCAP_CAPTURE_VERSION_H_

namespace ptcap::capture {

// As CMake's project() has it.
inline constexpr const char* kVersion = PTCAP_VERSION;

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_VERSION_H_
