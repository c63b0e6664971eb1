// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A second or so of branches that are the same each time, and do not repeat;
// traced or not, it takes that long.

#include <stdio.h>
#include <unistd.h>

enum { kLast = 500 };

int main(void) {
  long steps = 0;
  for (long start = 1; start <= kLast; ++start) {
    for (long n = start; n != 1; ++steps) n = n % 2 ? 3 * n + 1 : n / 2;
    usleep(2000);
  }
  printf("%ld steps\n", steps);
  return 0;
}
