// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/code_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <vector>

#include "capture/tracee_memory.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {
namespace {

using formats::UniqueFd;

// Small enough to hold in memory, large enough to compress well.
constexpr uint64_t kPieceSize = 1 << 20;
constexpr uint64_t kPageSize = 4096;

bool is_mapped_file(const std::string& path, const Mapping& mapping) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_ino == mapping.inode &&
         gnu_dev_major(status.st_dev) == mapping.major &&
         gnu_dev_minor(status.st_dev) == mapping.minor;
}

size_t read_piece(const UniqueFd& file, pid_t pid, const Mapping& mapping,
                  uint64_t done, std::span<uint8_t> out) {
  if (!file) return read_memory(pid, mapping.begin + done, out);
  const auto offset = static_cast<off_t>(mapping.offset + done);
  const ssize_t n = ::pread(file.get(), out.data(), out.size(), offset);
  return n < 0 ? 0 : static_cast<size_t>(n);
}

}  // namespace

std::string path_of_mapped_file(pid_t pid, const Mapping& mapping) {
  if (!mapping.has_file()) return {};
  // Through the process's root, which may be another one than ours.
  std::string path = "/proc/" + std::to_string(pid) + "/root" + mapping.name;
  if (is_mapped_file(path, mapping)) return path;
  // Deleted files are still there for the privileged.
  char range[64];
  std::snprintf(range, sizeof range, "%lx-%lx", mapping.begin, mapping.end);
  std::string link = "/proc/" + std::to_string(pid) + "/map_files/" + range;
  return is_mapped_file(link, mapping) ? link : std::string();
}

void read_mapped_code(
    pid_t pid, const Mapping& mapping, const std::string& path,
    const std::function<void(uint64_t address, formats::Bytes bytes)>& visit) {
  UniqueFd file;
  if (!path.empty())
    file = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<uint8_t> piece(std::min(kPieceSize, mapping.size()));
  for (uint64_t done = 0; done < mapping.size();) {
    const uint64_t left = std::min(kPieceSize, mapping.size() - done);
    const std::span<uint8_t> wanted(piece.data(), left);
    const size_t got = read_piece(file, pid, mapping, done, wanted);
    if (got == 0) return;
    visit(mapping.begin + done, wanted.first(got));
    done += got;
  }
}

bool has_private_pages(pid_t pid, const Mapping& mapping) {
  // Documentation/admin-guide/mm/pagemap.rst
  constexpr uint64_t kPresentOrSwapped = 3ull << 62;
  constexpr uint64_t kFileOrShared = 1ull << 61;
  const UniqueFd pagemap(
      ::open(("/proc/" + std::to_string(pid) + "/pagemap").c_str(),
             O_RDONLY | O_CLOEXEC));
  if (!pagemap) return false;
  std::vector<uint64_t> entries(std::min<uint64_t>(
      mapping.size() / kPageSize, kPieceSize / sizeof(uint64_t)));
  for (uint64_t page = mapping.begin / kPageSize;
       page < mapping.end / kPageSize;) {
    const uint64_t count =
        std::min<uint64_t>(entries.size(), mapping.end / kPageSize - page);
    const ssize_t n =
        ::pread(pagemap.get(), entries.data(), count * sizeof(uint64_t),
                static_cast<off_t>(page * sizeof(uint64_t)));
    if (n <= 0) return false;
    const size_t got = static_cast<size_t>(n) / sizeof(uint64_t);
    for (size_t i = 0; i < got; ++i) {
      if ((entries[i] & kPresentOrSwapped) != 0 &&
          (entries[i] & kFileOrShared) == 0) {
        return true;
      }
    }
    page += got;
  }
  return false;
}

}  // namespace ptcap::capture
