// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Conditional branches: trial division, where each number takes its own path.

#include <stdio.h>

static int is_prime(int n) {
  for (int d = 2; d * d <= n; ++d)
    if (n % d == 0) return 0;
  return 1;
}

int main(void) {
  int primes = 0;
  for (int n = 2; n < 500; ++n) primes += is_prime(n);
  printf("%d primes below 500\n", primes);
  return primes == 95 ? 0 : 1;
}
