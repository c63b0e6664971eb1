// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A JIT that rewrites its code: in place, by writable pages that become
// executable, in new mappings at an old address, and in the instruction that
// runs next.

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { kPage = 4096 };

typedef int (*Function)(int);

// lea eax, [rdi + N]; ret (edi in 64-bit mode with 67h would do as well)
static void emit_add(unsigned char* code, int n) {
  const unsigned char bytes[] = {0x8d, 0x87, 0, 0, 0, 0, 0xc3};
  memcpy(code, bytes, sizeof(bytes));
  memcpy(code + 2, &n, sizeof(n));
}

// mov eax, edi; N times inc eax; ret: other lengths than emit_add's
static void emit_increments(unsigned char* code, int n) {
  *code++ = 0x89;
  *code++ = 0xf8;
  for (int i = 0; i < n; ++i) {
    *code++ = 0xff;
    *code++ = 0xc0;
  }
  *code = 0xc3;
}

static unsigned char* map(void* at, int protection) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0);
  return mmap(at, kPage, protection, flags, -1, 0);
}

static int rewrite_in_place(unsigned char* code) {
  int value = 0;
  for (int i = 1; i <= 8; ++i) {
    if (i % 2)
      emit_add(code, i);
    else
      emit_increments(code, i);
    value = ((Function)code)(value);
  }
  return value;
}

static int flip_protection(unsigned char* code) {
  int value = 0;
  for (int i = 1; i <= 4; ++i) {
    mprotect(code, kPage, PROT_READ | PROT_WRITE);
    emit_increments(code, i);
    mprotect(code, kPage, PROT_READ | PROT_EXEC);
    value = ((Function)code)(value);
  }
  return value;
}

static int map_again(unsigned char* code) {
  int value = 0;
  for (int i = 1; i <= 4; ++i) {
    munmap(code, kPage);
    map(code, PROT_READ | PROT_WRITE | PROT_EXEC);
    if (i % 2)
      emit_increments(code, i);
    else
      emit_add(code, i);
    value = ((Function)code)(value);
  }
  return value;
}

// mov byte ptr [rip + 4], dil; mov eax, imm32, of which that writes the low
// byte: an instruction that the one before it has just written.
static int modify_next(unsigned char* code) {
  const unsigned char bytes[] = {0x40, 0x88, 0x3d, 1, 0, 0,   0,
                                 0xb8, 0,    0,    0, 0, 0xc3};
  memcpy(code, bytes, sizeof(bytes));
  int value = 0;
  for (int i = 1; i <= 4; ++i) value += ((Function)code)(i);
  return value;
}

int main(void) {
  unsigned char* code = map(NULL, PROT_READ | PROT_WRITE | PROT_EXEC);
  if (code == MAP_FAILED) return 99;
  int in_place = rewrite_in_place(code);
  int flipped = flip_protection(code);
  int again = map_again(code);
  int next = modify_next(code);
  printf("%d %d %d %d\n", in_place, flipped, again, next);
  return in_place == 36 && flipped == 10 && again == 10 && next == 10 ? 0 : 1;
}
