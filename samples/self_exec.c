// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A process that executes itself twice, by /proc/self/exe, in one pid.

#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  (void)argv;
  char* once[] = {"self_exec", "1", NULL};
  char* twice[] = {"self_exec", "1", "2", NULL};
  if (argc < 3) {
    execv("/proc/self/exe", argc == 1 ? once : twice);
    return 99;
  }
  printf("executed twice\n");
  return 0;
}
