// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// At build time: writes ptcap's man page and completions.

#include "capture/options.h"
#include "formats/manual/write_manual.h"

int main(int argc, char** argv) {
  return ptcap::formats::write_manual(ptcap::capture::document_command_line(),
                                      {argv + 1, argv + argc});
}
