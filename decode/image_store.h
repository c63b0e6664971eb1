// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the code bytes of a trace stay while it is decoded.

#ifndef PTCAP_DECODE_IMAGE_STORE_H_
#define PTCAP_DECODE_IMAGE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace ptcap::decode {

// An unlinked temporary file ($TMPDIR, else /tmp) that holds images one behind
// the other, each mapped into memory: pages that no one executes are not in
// memory, and libipt, which reads code from files only, reads the same pages.
class ImageStore {
 public:
  // Throws std::system_error where there is no room for a temporary file.
  ImageStore();
  ~ImageStore();
  ImageStore(const ImageStore&) = delete;
  ImageStore& operator=(const ImageStore&) = delete;

  // Copies `bytes`; the result lives as long as the store.
  std::span<const uint8_t> add(std::span<const uint8_t> bytes);

  // Where in the file `bytes` are, if they are part of an image of the store.
  std::optional<uint64_t> locate(std::span<const uint8_t> bytes) const;

  // Opens the file as long as the store lives (/proc/self/fd/N).
  const std::string& path() const { return path_; }

 private:
  struct Image {
    uint64_t offset = 0;
    uint64_t size = 0;
  };

  int fd_ = -1;
  std::string path_;
  uint64_t end_ = 0;  // of the file; a multiple of the page size
  std::map<const uint8_t*, Image> images_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_IMAGE_STORE_H_
