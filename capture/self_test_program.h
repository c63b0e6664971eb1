// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A program whose flow is known to the last branch: what `ptcap doctor
// --self-test` traces.

#ifndef PTCAP_CAPTURE_SELF_TEST_PROGRAM_H_
#define PTCAP_CAPTURE_SELF_TEST_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ptcap::capture {

// A static x86-64 ELF file of 175 bytes, without libraries: it exits with 0.
std::vector<uint8_t> self_test_program();

// Every branch that it takes, in order, as `ptdec branches` writes them:
// "FROM TO KIND", hexadecimal.
std::vector<std::string> self_test_flow();

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_SELF_TEST_PROGRAM_H_
