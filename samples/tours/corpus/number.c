// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Says what kind of number its input is.

#include <ctype.h>
#include <stdio.h>

static const char* hexadecimal(const char* text) {
  while (isxdigit((unsigned char)*text)) ++text;
  return *text == '\0' ? "hexadecimal" : "no number";
}

static const char* decimal(const char* text) {
  while (isdigit((unsigned char)*text)) ++text;
  if (*text == '.') {
    ++text;
    while (isdigit((unsigned char)*text)) ++text;
    return *text == '\0' ? "decimal fraction" : "no number";
  }
  return *text == '\0' ? "decimal" : "no number";
}

int main(int argc, char** argv) {
  FILE* file = argc > 1 ? fopen(argv[1], "r") : NULL;
  char text[64] = "";
  if (file == NULL || fscanf(file, "%63s", text) != 1) return 1;
  fclose(file);
  const int is_hex = text[0] == '0' && text[1] == 'x';
  puts(is_hex ? hexadecimal(text + 2) : decimal(text));
  return 0;
}
