// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/mapped_code.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "capture/code_files.h"
#include "capture/tracee_memory.h"
#include "formats/elf/elf_file.h"
#include "formats/io/error.h"

namespace ptcap::capture {
namespace {

using formats::Bytes;
using formats::UniqueFd;

constexpr const char* kVdso = "[vdso]";
constexpr uint64_t k32BitEnd = uint64_t{1} << 32;

Mapping to_mapping(const formats::Mmap2Record& record) {
  Mapping mapping;
  mapping.begin = record.address;
  mapping.end = record.address + record.length;
  mapping.offset = record.file_offset;
  mapping.major = record.device_major;
  mapping.minor = record.device_minor;
  mapping.inode = record.inode;
  mapping.readable = (record.protection & PROT_READ) != 0;
  mapping.writable = (record.protection & PROT_WRITE) != 0;
  mapping.executable = (record.protection & PROT_EXEC) != 0;
  mapping.shared = (record.flags & MAP_SHARED) != 0;
  mapping.name = record.filename;
  return mapping;
}

bool is_generated(const Mapping& mapping) {
  return mapping.name == "//anon" || mapping.name.starts_with("/memfd:") ||
         mapping.name == "[heap]" || mapping.name == "[stack]" ||
         mapping.name.starts_with("/dev/zero");
}

std::string path_of(const UniqueFd& fd) {
  return "/proc/self/fd/" + std::to_string(fd.get());
}

// Of the file as it is now; empty where it has none.
std::string build_id_of(const std::string& path) {
  try {
    const auto id = formats::ElfFile(path).build_id();
    return id ? formats::to_hex(*id) : std::string();
  } catch (const formats::FormatError&) {
    return {};
  } catch (const std::system_error&) {
    return {};
  }
}

// This kernel's 64-bit vDSO: the same in every process.
std::vector<uint8_t> own_vdso() {
  for (const Mapping& mapping : read_mappings(::getpid())) {
    if (mapping.name != kVdso) continue;
    std::vector<uint8_t> bytes(mapping.size());
    bytes.resize(read_memory(::getpid(), mapping.begin, bytes));
    return bytes;
  }
  return {};
}

}  // namespace

void MappedCode::note(const formats::Mmap2Record& record, uint64_t time_ns) {
  if ((record.protection & PROT_EXEC) == 0) return;
  const std::string identity =
      record.build_id ? formats::to_hex(*record.build_id) : std::string();
  add(static_cast<pid_t>(record.pid), to_mapping(record), identity, time_ns);
}

void MappedCode::note(pid_t pid, const Mapping& mapping, uint64_t time_ns) {
  if (mapping.executable) add(pid, mapping, "", time_ns);
}

void MappedCode::add(pid_t pid, const Mapping& mapping,
                     const std::string& build_id, uint64_t time_ns) {
  if (mapping.name == "[vsyscall]") return;
  if (is_generated(mapping)) {
    generated_[{pid, mapping.begin}] = time_ns;
    return;
  }
  const bool is_vdso = mapping.name == kVdso;
  const std::string identity =
      is_vdso            ? (mapping.end <= k32BitEnd ? "32" : "64")
      : build_id.empty() ? std::to_string(mapping.major) + ":" +
                               std::to_string(mapping.minor) + ":" +
                               std::to_string(mapping.inode)
                         : build_id;
  const Key key = {mapping.name, identity, mapping.offset, mapping.size()};
  const auto known = known_.find(key);
  if (known != known_.end()) {
    for (const Piece& piece : known->second) {
      recorder_.code(pid, mapping.begin + piece.offset, piece.image, piece.size,
                     mapping.name, time_ns);
    }
    return;
  }
  Pieces pieces;
  if (is_vdso) {
    pieces = read_vdso(pid, mapping, time_ns);
  } else if (const UniqueFd fd = open_file(pid, mapping, build_id)) {
    pieces = read_pieces(pid, mapping, path_of(fd), time_ns);
  }
  if (pieces.empty()) {
    miss(mapping.name);
    return;
  }
  known_[key] = std::move(pieces);
}

// By device and inode, or by build-id where the kernel tells that instead. A
// file without build-id is taken to be the one that was mapped. Opened, because
// /proc/PID/root goes away with the process.
UniqueFd MappedCode::open_file(pid_t pid, const Mapping& mapping,
                               const std::string& build_id) const {
  std::vector<std::string> paths;
  if (build_id.empty() && mapping.has_file()) {
    // If the process is gone: its root was most likely ours.
    paths = {path_of_mapped_file(pid, mapping),
             path_of_mapped_file(::getpid(), mapping)};
  } else {
    paths = {"/proc/" + std::to_string(pid) + "/root" + mapping.name,
             mapping.name};
  }
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) continue;
    if (build_id.empty() || build_id_of(path_of(fd)) == build_id) return fd;
  }
  return UniqueFd();
}

MappedCode::Pieces MappedCode::read_pieces(pid_t pid, const Mapping& mapping,
                                           const std::string& path,
                                           uint64_t time_ns) {
  Pieces pieces;
  read_mapped_code(pid, mapping, path, [&](uint64_t address, Bytes bytes) {
    const formats::ImageId image =
        recorder_.code(pid, address, bytes, mapping.name, time_ns);
    pieces.push_back({address - mapping.begin, bytes.size(), image});
  });
  return pieces;
}

MappedCode::Pieces MappedCode::read_vdso(pid_t pid, const Mapping& mapping,
                                         uint64_t time_ns) {
  std::vector<uint8_t> bytes;
  if (mapping.end <= k32BitEnd) {
    bytes.resize(mapping.size());
    bytes.resize(read_memory(pid, mapping.begin, bytes));
  } else {
    bytes = own_vdso();
  }
  if (bytes.size() < mapping.size()) return {};
  bytes.resize(mapping.size());
  const formats::ImageId image =
      recorder_.code(pid, mapping.begin, bytes, mapping.name, time_ns);
  return {{0, bytes.size(), image}};
}

void MappedCode::read_generated(pid_t pid) {
  for (const Mapping& mapping : read_mappings(pid)) {
    if (!mapping.executable || !is_generated(mapping)) continue;
    const auto mapped = generated_.find({pid, mapping.begin});
    const uint64_t time_ns = mapped == generated_.end() ? 0 : mapped->second;
    const Pieces pieces = read_pieces(pid, mapping, "", time_ns);
    if (pieces.empty()) miss(mapping.name);
    if (mapped != generated_.end()) generated_.erase(mapped);
  }
}

std::string MappedCode::missing() const {
  std::string text;
  for (const auto& [name, count] : missing_) {
    text += (text.empty() ? "" : ", ") + name;
    if (count > 1) text += " (" + std::to_string(count) + " times)";
  }
  if (!generated_.empty()) {
    text += (text.empty() ? "" : ", ") + std::to_string(generated_.size()) +
            " mappings of generated code";
  }
  return text;
}

}  // namespace ptcap::capture
