// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Two functions of one name, with twice_again.c.

static __attribute__((noinline)) int twice(int n) { return n + n; }

int twice_again(int n);

int main(int argc, char** argv) {
  (void)argv;
  return twice(argc) == twice_again(argc) ? 0 : 1;
}
