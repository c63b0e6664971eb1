// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The other library for the dlopen sample: the same name, other code.

int transform(int value) {
  for (int i = 0; i < 1; ++i) __asm__ volatile("" : "+r"(value));
  return value + 1;
}
