// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the bytes of fast_engine_fuzz mean: two that choose, then a trace.

#ifndef PTCAP_TESTS_FUZZ_FAST_ENGINE_INPUT_H_
#define PTCAP_TESTS_FUZZ_FAST_ENGINE_INPUT_H_

#include <cstddef>
#include <cstdint>

namespace ptcap::decode::fast {

// The first byte chooses the program, which is that of RandomTrace(byte %
// kFuzzPrograms), the second one how little memory there is.
inline constexpr unsigned kFuzzPrograms = 8;
inline constexpr size_t kFuzzHeader = 2;

}  // namespace ptcap::decode::fast

#endif  // PTCAP_TESTS_FUZZ_FAST_ENGINE_INPUT_H_
