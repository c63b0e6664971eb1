// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where results go: a new file, or one that may be overwritten.

#ifndef PTCAP_FORMATS_IO_CREATE_FILE_H_
#define PTCAP_FORMATS_IO_CREATE_FILE_H_

#include <string>

#include "formats/io/unique_fd.h"

namespace ptcap::formats {

// Opens `path` to write if nothing is there; empty: errno says why not.
UniqueFd create_new_file(const std::string& path);

struct CreatedFile {
  UniqueFd fd;          // empty: errno says why
  bool is_new = false;  // else it was there, and is empty now
};

// Opens `path` to write. A regular file that exists is left alone without
// `force`, with EEXIST; devices and FIFOs need none.
CreatedFile create_file(const std::string& path, bool force);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_CREATE_FILE_H_
