// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A program that patches its own text, as tracers and static keys do: private
// pages of a mapped file that differ from the file, writable or not any more.

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { kPage = 4096, kNops = 4 };

extern int patched(int value);

// Each patch makes two of its nops an `inc edi`.
__asm__(
    ".pushsection .text\n"
    ".balign 64\n"
    "patched: nop; nop; nop; nop; mov %edi, %eax; ret\n"
    ".popsection\n");

static void protect(int protection) {
  uintptr_t page = (uintptr_t)patched & ~(uintptr_t)(kPage - 1);
  mprotect((void*)page, kPage, protection);
}

int main(void) {
  volatile unsigned char* code = (unsigned char*)(uintptr_t)patched;
  int value = 0;
  for (int i = 0; i < 2 * kNops; ++i) {
    value = patched(value);
    protect(PROT_READ | PROT_WRITE | PROT_EXEC);
    if (i < kNops / 2) {
      code[2 * i] = 0xff;  // inc edi
      code[2 * i + 1] = 0xc7;
    }
    value = patched(value);
    if (i % 2 == 1) protect(PROT_READ | PROT_EXEC);
  }
  printf("%d\n", value);
  return value == 28 ? 0 : 1;
}
