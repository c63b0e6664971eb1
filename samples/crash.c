// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Dies by SIGSEGV after its line of output.

#include <stdio.h>

int main(void) {
  puts("about to crash");
  fflush(stdout);
  volatile int* volatile nowhere = NULL;
  return *nowhere;
}
