// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Calls the vsyscall page, as old static programs do.

#include <stdio.h>
#include <time.h>

int main(void) {
  time_t (*old_time)(time_t*) = (time_t(*)(time_t*))0xffffffffff600400;
  long sum = 0;
  for (int i = 0; i < 5; ++i) sum += old_time(NULL) > 1000000000;
  printf("%ld\n", sum);
  return 0;
}
