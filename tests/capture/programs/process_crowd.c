// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// process_crowd N: N children at once, that end when all are there. Prints how
// many ended as they should.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static int visit(int number) {
  __asm__ volatile("" ::: "memory");
  return number & 127;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int count = atoi(argv[1]);
  int gate[2];
  if (pipe(gate) != 0) return 1;
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child < 0) {
      perror("fork");
      return 1;
    }
    if (child == 0) {
      char byte;
      close(gate[1]);
      const int result = visit(i);
      _exit(read(gate[0], &byte, 1) == 0 ? result : 1);
    }
  }
  close(gate[1]);
  int ended = 0;
  int status;
  while (wait(&status) > 0) ended += WIFEXITED(status);
  printf("%d\n", ended);
  return 0;
}
