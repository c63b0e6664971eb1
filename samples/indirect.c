// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Calls and jumps through pointers, with few and with many targets.

#include <stdio.h>

typedef unsigned (*Operation)(unsigned);

static unsigned twice(unsigned x) { return x * 2; }
static unsigned next(unsigned x) { return x + 1; }
static unsigned square(unsigned x) { return x * x % 1009; }
static unsigned negate(unsigned x) { return ~x % 4096; }

static const Operation kOperations[] = {twice, next, square, negate};

// The last call is a jump where the compiler makes a tail call of it.
__attribute__((noinline)) static unsigned apply(Operation operation,
                                                unsigned x) {
  return operation(x);
}

int main(void) {
  unsigned value = 1, state = 12345;
  for (int i = 0; i < 400; ++i) {
    state = state * 1103515245u + 12345u;
    value = kOperations[state >> 30](value);
    value = apply(kOperations[(state >> 28) & 3], value);
  }
  printf("%u\n", value);
  return 0;
}
