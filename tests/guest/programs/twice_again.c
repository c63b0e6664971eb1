// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The other one.

int twice_again(int n);

static __attribute__((noinline)) int twice(int n) { return 2 * n; }

int twice_again(int n) { return twice(n); }
