// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/code_images.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "capture/code_files.h"

namespace ptcap::capture::emu {

namespace {

// Larger ones go in by the pages that ran.
constexpr uint64_t kMaxWholeMapping = 16 << 20;

// Up to the end of the file; empty if it cannot be read.
std::vector<uint8_t> read_part(const std::string& path, uint64_t offset,
                               uint64_t size) {
  std::vector<uint8_t> bytes(size);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  uint64_t used = 0;
  while (fd >= 0 && used < size) {
    const ssize_t got = pread(fd, bytes.data() + used, size - used,
                              static_cast<off_t>(offset + used));
    if (got <= 0) break;
    used += static_cast<uint64_t>(got);
  }
  if (fd >= 0) close(fd);
  bytes.resize(used);
  return bytes;
}

// Also where the process is gone already, if it had ptcap's root.
std::string reachable_path(pid_t pid, const Mapping& mapping) {
  std::string path = path_of_mapped_file(pid, mapping);
  if (!path.empty() || !mapping.has_file()) return path;
  struct stat file;
  const bool same = stat(mapping.name.c_str(), &file) == 0 &&
                    file.st_ino == mapping.inode &&
                    gnu_dev_major(file.st_dev) == mapping.major &&
                    gnu_dev_minor(file.st_dev) == mapping.minor;
  return same ? mapping.name : std::string();
}

std::string cache_key(const Mapping& mapping) {
  std::ostringstream key;
  key << mapping.major << ':' << mapping.minor << ':' << mapping.inode << ':'
      << mapping.offset << ':' << mapping.size();
  return key.str();
}

}  // namespace

MappedFiles::Content MappedFiles::content(pid_t pid, const Mapping& mapping) {
  if (mapping.size() > kMaxWholeMapping) return nullptr;
  const std::string path = reachable_path(pid, mapping);
  if (path.empty()) return nullptr;
  Content& content = contents_[cache_key(mapping)];
  if (content == nullptr) {
    content = std::make_shared<const std::vector<uint8_t>>(
        read_part(path, mapping.offset, mapping.size()));
  }
  return content->empty() ? nullptr : content;
}

void CodeImages::add_mapping(const Mapping& mapping, uint64_t time_ns) {
  const bool first_there = !overlaps_image(mapping);
  const std::string path = reachable_path(pid_, mapping);
  recorder_.mmap2(pid_, pid_, mapping, path, {},
                  first_there ? start_ns_ : time_ns);
  MappedImage image{mapping, nullptr};
  // Where another file stood before, some of its code ran: the trace keeps
  // that, and gets of this one what runs.
  if (first_there && mapping.has_file()) {
    image.content = files_.content(pid_, mapping);
  }
  if (image.content != nullptr) {
    recorder_.code(pid_, mapping.begin, *image.content, mapping.name,
                   start_ns_);
  }
  images_.push_back(std::move(image));
}

bool CodeImages::overlaps_image(const Mapping& mapping) const {
  return std::any_of(images_.begin(), images_.end(),
                     [&mapping](const MappedImage& image) {
                       return image.mapping.begin < mapping.end &&
                              mapping.begin < image.mapping.end;
                     });
}

bool CodeImages::is_in_image(uint64_t address, uint8_t byte) const {
  return std::any_of(
      images_.begin(), images_.end(), [=](const MappedImage& image) {
        if (image.content == nullptr || address < image.mapping.begin) {
          return false;
        }
        const uint64_t offset = address - image.mapping.begin;
        return offset < image.content->size() &&
               (*image.content)[offset] == byte;
      });
}

const std::string& CodeImages::name_of(uint64_t address) const {
  static const std::string kAnonymous = "//anon";
  for (auto image = images_.rbegin(); image != images_.rend(); ++image) {
    const Mapping& mapping = image->mapping;
    if (address >= mapping.begin && address < mapping.end) {
      return mapping.name.empty() ? kAnonymous : mapping.name;
    }
  }
  return kAnonymous;
}

void CodeImages::add_code(uint64_t address, formats::Bytes bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint64_t at = address + i;
    Page& page = pages_[at / kPageSize];
    const uint64_t offset = at % kPageSize;
    // What is there first holds: see restart() for what comes later.
    if (page.known[offset]) continue;
    page.known[offset] = true;
    page.bytes[offset] = bytes[i];
    if (is_in_image(at, bytes[i])) continue;
    page.pending[offset] = true;
    if (!page.is_dirty) dirty_.push_back(at / kPageSize);
    page.is_dirty = true;
  }
}

void CodeImages::add_change(uint32_t epoch, uint64_t address,
                            formats::Bytes bytes) {
  changes_.push_back({epoch, address, {bytes.begin(), bytes.end()}});
}

void CodeImages::restart(uint32_t stream, uint64_t psb_offset,
                         uint32_t known_epoch, uint32_t epoch,
                         uint64_t time_ns) {
  const auto after = [](uint32_t number, const Change& change) {
    return number < change.epoch;
  };
  const auto begin =
      std::upper_bound(changes_.begin(), changes_.end(), known_epoch, after);
  const auto end = std::upper_bound(begin, changes_.end(), epoch, after);
  if (begin == end) {
    return recorder_.restart_of_stream(stream, psb_offset, time_ns);
  }
  // The same code may have changed many times: the last one counts.
  std::unordered_map<uint64_t, const Change*> last;
  for (auto change = begin; change != end; ++change) {
    const Change*& seen = last[change->address];
    if (seen == nullptr || seen->bytes.size() <= change->bytes.size()) {
      seen = &*change;
    }
  }
  for (auto change = begin; change != end; ++change) {
    const Change* covering = last[change->address];
    if (covering->epoch > change->epoch) continue;
    recorder_.code_of_stream(stream, psb_offset, change->address, change->bytes,
                             name_of(change->address), time_ns);
  }
}

// One piece for bytes that are near each other, from the page's own content
// where it is known.
void CodeImages::flush_page(uint64_t number, Page& page) {
  constexpr uint64_t kMaxGap = 16;
  const uint64_t base = number * kPageSize;
  uint64_t begin = 0;
  while (begin < kPageSize) {
    if (!page.pending[begin]) {
      ++begin;
      continue;
    }
    uint64_t end = begin + 1;
    for (uint64_t at = end; at < kPageSize && at - end < kMaxGap; ++at) {
      if (!page.known[at]) break;
      if (page.pending[at]) end = at + 1;
    }
    recorder_.code(pid_, base + begin, {page.bytes + begin, end - begin},
                   name_of(base + begin), start_ns_);
    std::fill(page.pending.begin() + static_cast<long>(begin),
              page.pending.begin() + static_cast<long>(end), false);
    begin = end;
  }
  page.is_dirty = false;
}

void CodeImages::flush() {
  std::sort(dirty_.begin(), dirty_.end());
  for (const uint64_t number : dirty_) flush_page(number, pages_[number]);
  dirty_.clear();
}

}  // namespace ptcap::capture::emu
