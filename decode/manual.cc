// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// At build time: writes ptdec's man page and completions.

#include "decode/cli/command.h"
#include "formats/manual/write_manual.h"

int main(int argc, char** argv) {
  return ptcap::formats::write_manual(ptcap::decode::document_command_line(),
                                      {argv + 1, argv + argc});
}
