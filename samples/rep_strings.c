// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// rep-prefixed string instructions: one instruction each, whatever they count,
// also backwards, up to a mismatch, and zero times.

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void copy(void* to, const void* from, size_t n) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

static void copy_backwards(char* to, const char* from, size_t n) {
  to += n - 1;
  from += n - 1;
  __asm__ volatile("std; rep movsb; cld"
                   : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

static void fill(void* to, char value, size_t n) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
}

static size_t length(const char* text) {
  size_t left = ~(size_t)0;
  __asm__ volatile("repne scasb" : "+D"(text), "+c"(left) : "a"(0) : "memory");
  return ~left - 1;
}

static size_t common_prefix(const char* a, const char* b, size_t n) {
  size_t left = n;
  __asm__ volatile("repe cmpsb" : "+S"(a), "+D"(b), "+c"(left)::"memory", "cc");
  return n - left;
}

int main(void) {
  char a[512], b[512];
  fill(a, 'x', sizeof(a) - 1);
  a[sizeof(a) - 1] = '\0';
  for (size_t n = 0; n < 5; ++n) copy(b, a, n);
  copy(b, a, sizeof(a));
  copy_backwards(a + 1, a, 100);
  b[300] = 'y';
  size_t all = length(a), prefix = common_prefix(a, b, sizeof(a));
  printf("%zu %zu\n", all, prefix);
  return all == 511 && prefix == 301 ? 0 : 1;
}
