// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A library for the dlopen sample.

int transform(int value) { return value * 3; }
