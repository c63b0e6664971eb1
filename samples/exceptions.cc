// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// C++ exceptions: thrown through frames with destructors, caught by type,
// thrown again.

#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

int destroyed = 0;

struct Guard {
  ~Guard() { ++destroyed; }
};

__attribute__((noinline)) void descend(int depth, int what) {
  Guard guard;
  if (depth > 0) return descend(depth - 1, what);
  if (what % 3 == 0) throw std::runtime_error("runtime");
  if (what % 3 == 1) throw what;
}

__attribute__((noinline)) int attempt(int what) {
  try {
    try {
      descend(what, what);
      return 1;
    } catch (const std::exception&) {
      throw std::string("again");
    }
  } catch (int) {
    return 10;
  } catch (const std::string&) {
    return 100;
  }
}

}  // namespace

int main() {
  int sum = 0;
  for (int what = 0; what < 6; ++what) sum += attempt(what);
  std::printf("%d, %d destroyed\n", sum, destroyed);
  return sum == 222 ? 0 : 1;
}
