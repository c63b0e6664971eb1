// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <stdio.h>

__attribute__((noinline)) static const char* greeting(int hour) {
  return hour < 12 ? "good morning" : hour < 18 ? "good day" : "good evening";
}

int main(void) {
  for (int hour = 6; hour < 24; hour += 6) puts(greeting(hour));
}
