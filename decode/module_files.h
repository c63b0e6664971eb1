// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code of mapped files from this machine's disk, for traces that do not hold
// it themselves (perf.data).

#ifndef PTCAP_DECODE_MODULE_FILES_H_
#define PTCAP_DECODE_MODULE_FILES_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "decode/image_store.h"
#include "formats/io/reporter.h"

namespace ptcap::decode {

// Nothing is executed or fetched because a trace names it: only regular files
// are read, below the sysroot.
class ModuleFiles {
 public:
  const std::string& sysroot() const { return sysroot_; }

  // `store` and `reporter` are borrowed.
  ModuleFiles(std::string sysroot, ImageStore& store,
              formats::Reporter& reporter);

  // Up to `size` bytes of the file from `offset` on. Empty, and said once,
  // where there is no such file or it has another build-id than the one
  // recorded (empty: not known).
  std::span<const uint8_t> bytes(const std::string& path,
                                 const std::vector<uint8_t>& build_id,
                                 uint64_t offset, uint64_t size);

 private:
  struct Key {
    std::string path;
    uint64_t offset = 0;
    uint64_t size = 0;
    // clang-tidy 14 takes the 0 of <=> for a pointer. NOLINTNEXTLINE
    auto operator<=>(const Key&) const = default;
  };

  bool usable(const std::string& path, const std::vector<uint8_t>& build_id);
  std::span<const uint8_t> read(const Key& key);

  std::string sysroot_;
  ImageStore& store_;
  formats::Reporter& reporter_;
  std::map<std::pair<std::string, std::vector<uint8_t>>, bool> usable_;
  std::map<Key, std::span<const uint8_t>> known_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_MODULE_FILES_H_
