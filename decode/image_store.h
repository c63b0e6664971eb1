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
#include <vector>

namespace ptcap::decode {

// Unlinked temporary files ($TMPDIR, else /tmp) that hold images one behind the
// other, each mapped into memory: pages that no one executes are not in memory,
// and libipt, which reads code from files only, reads the same pages.
//
// libipt refuses a section whose file has another size or modification time
// than when the section was added, though it maps it much later. So files get
// their size first, and a fixed time after each write.
class ImageStore {
 public:
  ImageStore() = default;
  ~ImageStore();
  ImageStore(const ImageStore&) = delete;
  ImageStore& operator=(const ImageStore&) = delete;

  // Copies `bytes`; the result lives as long as the store. Throws
  // std::system_error where there is no room for temporary files.
  std::span<const uint8_t> add(std::span<const uint8_t> bytes);

  struct Place {
    std::string path;  // opens the file as long as the store lives
    uint64_t offset = 0;
  };
  // Where `bytes` are, if they are part of an image of the store.
  std::optional<Place> locate(std::span<const uint8_t> bytes) const;

 private:
  struct File {
    int fd = -1;
    uint64_t size = 0;
    uint64_t used = 0;  // a multiple of the page size
  };
  struct Image {
    size_t file = 0;
    uint64_t offset = 0;
    uint64_t size = 0;
  };

  File& file_for(uint64_t size);

  std::vector<File> files_;
  std::map<const uint8_t*, Image> images_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_IMAGE_STORE_H_
