// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Calls nested deeper than the 64 return addresses that a PT decoder keeps.

#include <stdio.h>

__attribute__((noinline)) static unsigned sum_to(unsigned n) {
  if (n == 0) return 0;
  unsigned rest = sum_to(n - 1);
  __asm__ volatile("" : "+r"(rest));  // no tail call, no closed form
  return rest + n;
}

__attribute__((noinline)) static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
  unsigned sum = 0;
  for (unsigned depth = 60; depth < 70; ++depth) sum += sum_to(depth);
  sum += sum_to(300);
  printf("%u %u\n", sum, ackermann(2, 9));
  return 0;
}
