// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/module_files.h"

#include <system_error>

#include "formats/elf/elf_file.h"
#include "formats/io/error.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {

namespace {

// A mapping of more executable bytes than that is a lie.
constexpr uint64_t kMaxSize = 1ull << 32;

}  // namespace

ModuleFiles::ModuleFiles(std::string sysroot, ImageStore& store,
                         formats::Reporter& reporter)
    : sysroot_(std::move(sysroot)), store_(store), reporter_(reporter) {}

std::span<const uint8_t> ModuleFiles::bytes(
    const std::string& path, const std::vector<uint8_t>& build_id,
    uint64_t offset, uint64_t size) {
  if (!path.starts_with('/') || path.starts_with("//")) return {};
  const Key key{path, offset, size};
  if (const auto at = known_.find(key); at != known_.end()) return at->second;
  std::span<const uint8_t> bytes;
  if (usable(path, build_id)) bytes = read(key);
  known_[key] = bytes;
  return bytes;
}

bool ModuleFiles::usable(const std::string& path,
                         const std::vector<uint8_t>& build_id) {
  const auto [at, is_new] = usable_.try_emplace({path, build_id}, false);
  if (!is_new) return at->second;
  try {
    const formats::ElfFile file(sysroot_ + path);
    const auto found = file.build_id();
    if (build_id.empty() || !found || *found == build_id) {
      return at->second = true;
    }
    reporter_.warn(sysroot_ + path + ": build-id " + formats::to_hex(*found) +
                   ", not " + formats::to_hex(build_id) +
                   ": changed since capture; its code is left out");
  } catch (const std::system_error& error) {
    reporter_.warn(error.what() +
                   std::string("; its code is left out (--sysroot?)"));
  } catch (const formats::FormatError& error) {
    reporter_.warn(error.what() + std::string("; its code is left out"));
  }
  return false;
}

std::span<const uint8_t> ModuleFiles::read(const Key& key) {
  try {
    const formats::RegularFile file(sysroot_ + key.path);
    if (key.offset >= file.size_bytes() || key.size > kMaxSize) return {};
    std::vector<uint8_t> bytes(
        std::min(key.size, file.size_bytes() - key.offset));
    bytes.resize(file.read(key.offset, bytes));
    return store_.add(bytes);
  } catch (const std::system_error& error) {
    reporter_.warn(error.what());
    return {};
  }
}

}  // namespace ptcap::decode
