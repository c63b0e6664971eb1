// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/command.h"

int main(int argc, char** argv) {
  return ptcap::decode::ptdec_main({argv + (argc > 0 ? 1 : 0), argv + argc});
}
