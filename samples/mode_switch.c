// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A 64-bit program that runs 32-bit code in between: far returns into the
// kernel's 32-bit user segment and back, as Wine and some malware do.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

extern const char code_32[];

__asm__(
    ".pushsection .text\n"
    ".code32\n"
    "code_32: inc %eax\n"  // 40h, which is a prefix in 64-bit mode
    "cmp $20, %eax\n"
    "jb code_32\n"
    "lret\n"
    ".code64\n"
    ".popsection\n");

// Calls `code` through a far return, with a 32-bit return frame in front of
// it; the stack has to be below 4 GiB meanwhile.
static unsigned call_32(unsigned eax, uint32_t code, uint32_t low_stack) {
  __asm__ volatile(
      "mov %%rsp, %%rbx\n"
      "mov %[stack], %%esp\n"
      "sub $8, %%rsp\n"
      "lea 1f(%%rip), %%rcx\n"
      "mov %%ecx, (%%rsp)\n"    // return address of the 32-bit code
      "movl $0x33, 4(%%rsp)\n"  // __USER_CS
      "sub $16, %%rsp\n"
      "mov %[code], %%ecx\n"
      "mov %%rcx, (%%rsp)\n"
      "movq $0x23, 8(%%rsp)\n"  // __USER32_CS
      "lretq\n"
      "1: mov %%rbx, %%rsp\n"
      : "+a"(eax)
      : [code] "r"(code), [stack] "r"(low_stack)
      : "rbx", "rcx", "memory", "cc");
  return eax;
}

int main(void) {
  char* stack = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (stack == MAP_FAILED) return 99;
  uint32_t code = (uint32_t)(uintptr_t)code_32;
  uint32_t top = (uint32_t)(uintptr_t)stack + 8192;
  unsigned sum = 0;
  for (unsigned i = 0; i < 5; ++i) sum += call_32(i, code, top);
  printf("%u\n", sum);
  return sum == 100 ? 0 : 1;
}
