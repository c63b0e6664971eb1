// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Compiles "x*3+1" and so on to machine code, and runs it. As JITs do, it
// names its functions in /tmp/perf-PID.map.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int (*Function)(int);

static unsigned char* code;

static void put(const void* bytes, size_t size) {
  memcpy(code, bytes, size);
  code += size;
}

// mov eax, edi; then one instruction for each "*N", "+N", "-N"; ret
static Function compile(const char* text) {
  Function function = (Function)code;
  put("\x89\xf8", 2);
  while (*text != '\0') {
    const char operation = *text++;
    const int number = strtol(text, (char**)&text, 10);
    if (operation == '*') put("\x69\xc0", 2);
    if (operation == '+') put("\x05", 1);
    if (operation == '-') put("\x2d", 1);
    put(&number, sizeof(number));
  }
  put("\xc3", 1);
  return function;
}

int main(int argc, char** argv) {
  code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char path[64];
  snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
  FILE* names = fopen(path, "w");
  int value = 1;
  for (int i = 1; i < argc; ++i) {
    const Function function = compile(argv[i]);
    fprintf(names, "%lx %lx calc:x%s\n", (unsigned long)function,
            (unsigned long)(code - (unsigned char*)function), argv[i]);
    for (int round = 0; round < 3; ++round) value = function(value);
  }
  fclose(names);
  printf("%d\n", value);
}
