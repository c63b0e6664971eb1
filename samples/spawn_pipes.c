// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// posix_spawn with pipes: this program feeds a child, which is this program
// again as an upper-casing filter, and reads what it writes.

#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static int filter(void) {
  char buffer[64];
  for (ssize_t n; (n = read(0, buffer, sizeof(buffer))) > 0;) {
    for (ssize_t i = 0; i < n; ++i) buffer[i] = (char)toupper(buffer[i]);
    if (write(1, buffer, (size_t)n) != n) return 1;
  }
  return 3;
}

static pid_t spawn_filter(int in, int out) {
  char* arguments[] = {"spawn_pipes", "filter", NULL};
  posix_spawn_file_actions_t actions;
  pid_t child = -1;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) return filter();
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) return 99;
  pid_t child = spawn_filter(to[0], from[1]);
  close(to[0]);
  close(from[1]);
  const char kText[] = "through the pipes";
  if (write(to[1], kText, strlen(kText)) < 0) return 99;
  close(to[1]);
  char answer[64] = "";
  size_t size = 0;
  for (ssize_t n; (n = read(from[0], answer + size, 63 - size)) > 0;)
    size += (size_t)n;
  int status = 0;
  waitpid(child, &status, 0);
  printf("%s %d\n", answer, WEXITSTATUS(status));
  return strcmp(answer, "THROUGH THE PIPES") == 0 ? 0 : 1;
}
