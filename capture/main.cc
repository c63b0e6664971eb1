// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/capture.h"

int main(int argc, char** argv) {
  return ptcap::capture::run_ptcap({argv + (argc > 0 ? 1 : 0), argv + argc});
}
