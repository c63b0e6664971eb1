// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Classifies numbers; what is said to be likely is rare.

#include <stdio.h>
#include <stdlib.h>

#define likely(condition) __builtin_expect(!!(condition), 1)

__attribute__((noinline)) static long explain(long value) {
  long digits = 0;
  for (; value != 0; value /= 10) digits = digits * 10 + value % 10;
  return digits;
}

__attribute__((noinline)) static long classify(unsigned value) {
  if (likely(value % 1021 == 0)) return explain(value);
  if (likely(value % 509 == 0)) return explain(value) * 2;
  if (likely(value % 251 == 0)) return explain(value) * 3;
  return value & 1;
}

int main(int argc, char** argv) {
  const long count = argc > 1 ? atol(argv[1]) : 2000;
  unsigned state = 1;
  long total = 0;
  for (long i = 0; i < count; ++i) {
    state = state * 1103515245u + 12345u;
    total += classify(state >> 8);
  }
  printf("%ld\n", total);
}
