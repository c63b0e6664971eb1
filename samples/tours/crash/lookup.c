// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Runs a command by its name. A name that is too long overwrites the pointer
// behind it.

#include <stdio.h>
#include <string.h>

struct request {
  char name[8];
  void (*run)(void);
};

static void hello(void) { puts("hello"); }
static void unknown(void) { puts("unknown command"); }

static struct request request;

static void parse(const char* text) {
  request.run = strcmp(text, "hello") == 0 ? hello : unknown;
  strcpy(request.name, text);
}

static void serve(void) { request.run(); }

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    parse(argv[i]);
    serve();
  }
  return 0;
}
