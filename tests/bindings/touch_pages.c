/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The ptcap authors */
/* touch_pages N: work whose page faults are known. */
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char** argv) {
  size_t count = argc > 1 ? strtoul(argv[1], 0, 0) : 0;
  volatile char* memory = mmap(0, count * 4096, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise((void*)memory, count * 4096, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < count; ++i) memory[i * 4096] = 1;
  return 0;
}
