/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The ptcap authors */

int library_apply(int (*function)(int), int value) {
  int sum = 0;
  for (int i = 0; i < 2; ++i) sum += function(value + i);
  return sum;
}
