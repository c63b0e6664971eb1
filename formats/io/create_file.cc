// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/io/create_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace ptcap::formats {

namespace {

constexpr int kMode = O_WRONLY | O_CLOEXEC;
constexpr mode_t kFileMode = 0666;  // less the umask

bool may_be_regular(const char* path) {
  struct stat status = {};
  return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

}  // namespace

UniqueFd create_new_file(const std::string& path) {
  return UniqueFd(open(path.c_str(), kMode | O_CREAT | O_EXCL, kFileMode));
}

CreatedFile create_file(const std::string& path, bool force) {
  UniqueFd fd = create_new_file(path);
  if (fd || errno != EEXIST) return {std::move(fd), true};
  if (!force && may_be_regular(path.c_str())) {
    errno = EEXIST;
    return {};
  }
  return {UniqueFd(open(path.c_str(), kMode | O_TRUNC)), false};
}

}  // namespace ptcap::formats
