// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/maps.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "capture/emu/plugin/guest.h"
#include "capture/emu/plugin/process.h"

namespace ptcap::capture::emu::plugin {

namespace {

struct Range {
  uint64_t begin = 0, end = 0;
};

// Mappings that ptcap knows. When full it starts over: telling one again is
// only a waste.
constexpr size_t kMaxTold = 4096;
Range told[kMaxTold];
size_t told_count = 0;
std::atomic<uint32_t> epoch{1};
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

class Lock {
 public:
  Lock() { pthread_mutex_lock(&lock); }
  ~Lock() { pthread_mutex_unlock(&lock); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
};

bool is_told(uint64_t address) {
  return std::any_of(told, told + told_count, [address](const Range& range) {
    return address >= range.begin && address < range.end;
  });
}

// "BEGIN-END PERM OFFSET MAJOR:MINOR INODE   PATH"; false if it is no line of
// that kind.
bool parse_line(char* line, MappingMessage& mapping, const char*& path) {
  char* at = line;
  const auto number = [&at](int base, char end) {
    const uint64_t value = strtoull(at, &at, base);
    const bool ok = *at == end;
    if (*at != '\0') ++at;
    return ok ? value : ~uint64_t{0};
  };
  mapping.begin = number(16, '-');
  mapping.end = number(16, ' ');
  if (mapping.begin >= mapping.end || strlen(at) < 5) return false;
  if (mapping.begin < guest_offset()) return false;
  mapping.begin -= guest_offset();
  mapping.end -= guest_offset();
  std::memcpy(mapping.permissions, at, 4);
  at += 5;
  mapping.offset = number(16, ' ');
  mapping.major = static_cast<uint32_t>(number(16, ':'));
  mapping.minor = static_cast<uint32_t>(number(16, ' '));
  mapping.inode = strtoull(at, &at, 10);
  path = at + strspn(at, " ");
  return true;
}

void tell(MappingMessage& mapping, const char* path) {
  if (told_count == kMaxTold) told_count = 0;
  told[told_count++] = {mapping.begin, mapping.end};
  mapping.time_ns = now_ns();
  send(MessageKind::kMapping, mapping, path,
       static_cast<uint32_t>(strlen(path)));
}

// Reads the maps line by line; lines longer than the buffer are cut.
class MapsReader {
 public:
  MapsReader() : fd_(open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {}
  ~MapsReader() {
    if (fd_ >= 0) close(fd_);
  }
  MapsReader(const MapsReader&) = delete;
  MapsReader& operator=(const MapsReader&) = delete;

  // The next line without its newline, or null.
  char* next() {
    for (;;) {
      char* newline =
          static_cast<char*>(memchr(buffer_ + begin_, '\n', end_ - begin_));
      if (newline != nullptr) {
        *newline = '\0';
        char* line = buffer_ + begin_;
        begin_ = static_cast<size_t>(newline + 1 - buffer_);
        return line;
      }
      if (!fill()) return nullptr;
    }
  }

 private:
  bool fill() {
    if (fd_ < 0) return false;
    std::memmove(buffer_, buffer_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == sizeof(buffer_)) return false;
    const ssize_t got = read(fd_, buffer_ + end_, sizeof(buffer_) - end_);
    if (got <= 0) return false;
    end_ += static_cast<size_t>(got);
    return true;
  }

  int fd_;
  size_t begin_ = 0;
  size_t end_ = 0;
  char buffer_[2 * 4096 + 256];
};

}  // namespace

uint32_t mapping_epoch() { return epoch.load(std::memory_order_acquire); }

void tell_mapping_of(uint64_t address) {
  const Lock guard;
  if (is_told(address)) return;
  MapsReader maps;
  while (char* line = maps.next()) {
    MappingMessage mapping;
    const char* path = nullptr;
    if (!parse_line(line, mapping, path)) continue;
    if (address >= mapping.begin && address < mapping.end) {
      return tell(mapping, path);
    }
  }
}

void forget_mappings(uint64_t begin, uint64_t size) {
  const Lock guard;
  const auto overlaps = [begin, size](const Range& range) {
    return range.end > begin && range.begin - begin < size;
  };
  bool any = false;
  for (size_t i = 0; i < told_count;) {
    if (overlaps(told[i]) || (begin >= told[i].begin && begin < told[i].end)) {
      told[i] = told[--told_count];
      any = true;
    } else {
      ++i;
    }
  }
  if (any) epoch.fetch_add(1, std::memory_order_release);
}

void forget_mappings_in_child() {
  lock = PTHREAD_MUTEX_INITIALIZER;
  told_count = 0;
  epoch.fetch_add(1);
}

}  // namespace ptcap::capture::emu::plugin
