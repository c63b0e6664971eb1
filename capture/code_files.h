// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Reads the code of a mapping of a traced process: from the mapped file, so
// that the process does not have to load all of it, or from its memory.

#ifndef PTCAP_CAPTURE_CODE_FILES_H_
#define PTCAP_CAPTURE_CODE_FILES_H_

#include <sys/types.h>

#include <functional>
#include <string>

#include "capture/recorder.h"
#include "formats/io/byte_reader.h"

namespace ptcap::capture {

// The mapped file as ptcap can open it, or empty: it is gone, hidden, or no
// longer the one that is mapped. Valid while the process has it mapped.
std::string path_of_mapped_file(pid_t pid, const Mapping& mapping);

// Calls `visit` with the bytes at `address`, piece by piece, for all of the
// mapping that can be read.
void read_mapped_code(
    pid_t pid, const Mapping& mapping, const std::string& path,
    const std::function<void(uint64_t address, formats::Bytes bytes)>& visit);

// Whether some page differs from the file by having been written.
bool has_private_pages(pid_t pid, const Mapping& mapping);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_CODE_FILES_H_
