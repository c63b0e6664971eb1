// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The inside of the build's small programs that write the files which document
// a command line.

#ifndef PTCAP_FORMATS_MANUAL_WRITE_MANUAL_H_
#define PTCAP_FORMATS_MANUAL_WRITE_MANUAL_H_

#include "formats/manual/program_doc.h"

namespace ptcap::formats {

// Writes one of them to stdout, by the words behind the program's name:
//   man PAGE   the man(7) page PAGE, whose lines .COMMANDS and .OPTIONS become
//              what `program` has
//   bash, zsh, fish   the completion script
// Returns an exit status.
int write_manual(const ProgramDoc& program,
                 const std::vector<std::string>& words);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_MANUAL_WRITE_MANUAL_H_
