// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Children by fork, some of which fork again; each is waited for.

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) _exit(99);
  return WEXITSTATUS(status);
}

static int in_child(int number) {
  if (number % 2 == 0) return number + 1;
  pid_t grandchild = fork();
  if (grandchild == 0) _exit(number * 10);
  return wait_for(grandchild) + 1;
}

int main(void) {
  int sum = 0;
  for (int number = 0; number < 4; ++number) {
    pid_t child = fork();
    if (child == 0) _exit(in_child(number));
    sum += wait_for(child);
  }
  printf("%d\n", sum);
  return sum == 1 + 11 + 3 + 31 ? 0 : 1;
}
