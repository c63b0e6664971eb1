// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// vfork and exec: the child runs this program again with an argument.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static int run_child(char* argument) {
  char* arguments[] = {"child", argument, NULL};
  pid_t child = vfork();
  if (child == 0) {
    execve("/proc/self/exe", arguments, environ);
    _exit(99);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 99;
  return WEXITSTATUS(status);
}

static int failed_exec(void) {
  char* arguments[] = {"none", NULL};
  pid_t child = vfork();
  if (child == 0) {
    execve("/proc/no/such/program", arguments, environ);
    _exit(7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int main(int argc, char** argv) {
  if (argc > 1) return atoi(argv[1]) + 1;
  int first = run_child("1"), second = run_child("41"), none = failed_exec();
  printf("%d %d %d\n", first, second, none);
  return first == 2 && second == 42 && none == 7 ? 0 : 1;
}
