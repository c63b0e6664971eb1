// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Every byte of the system's larger libraries and programs as the first of an
// instruction.

#include <gtest/gtest.h>

#include "tests/formats/x86/zydis_compare.h"

namespace ptcap::x86 {
namespace {

TEST(X86InsnAll, EqualsZydisOnTheSystemsOwnCode) {
  ZydisCompare compare(Mode::k64);
  for (const char* path :
       {"/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib/x86_64-linux-gnu/libstdc++.so.6",
        "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
        "/usr/lib/x86_64-linux-gnu/libzstd.so.1", "/bin/bash",
        "/usr/bin/python3.11", "/usr/bin/git"}) {
    for (const auto& code : executable_segments(path)) {
      unsigned shown = 0;
      for (size_t at = 0; at < code.size() && shown < 10; ++at) {
        const size_t size = std::min<size_t>(code.size() - at, 64);
        const auto difference = compare.difference({code.data() + at, size});
        if (difference) {
          ADD_FAILURE() << path << ": " << *difference;
          ++shown;
        }
      }
    }
  }
  RecordProperty("sequences", std::to_string(compare.known()));
  EXPECT_GT(compare.known(), 5'000'000u);
}

}  // namespace
}  // namespace ptcap::x86
