// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The executable memory of a process: what is mapped, told to the trace as it
// changes, and the code bytes at an ip, from a cache where they cannot change.

#ifndef PTCAP_CAPTURE_STEP_ADDRESS_SPACE_H_
#define PTCAP_CAPTURE_STEP_ADDRESS_SPACE_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "capture/recorder.h"
#include "formats/x86/insn.h"

namespace ptcap::capture {

inline constexpr uint64_t kPageSize = 4096;
// Where Linux emulates three old system calls; no memory is there.
inline constexpr uint64_t kVsyscallPage = 0xffffffffff600000;

constexpr uint64_t page_of(uint64_t address) {
  return address & ~(kPageSize - 1);
}

using PageBytes = std::array<uint8_t, kPageSize>;

// How the bytes of a mapping can change.
enum class CodeKind : uint8_t {
  kImage,      // private and read-only, from a file or the kernel: in the trace
  kGenerated,  // cannot be written now, but was: recorded page by page
  kWritable,   // at any moment, or by others: read again at each step
};

class AddressSpace {
 public:
  struct Options {
    // Whether every system call of all its threads is seen; if not, memory
    // may change unnoticed.
    bool sees_all_threads = true;
  };
  explicit AddressSpace(Options options) : options_(options) {}

  // After fork: the same memory, and nothing in common afterwards. Cached
  // pages are shared.
  std::shared_ptr<AddressSpace> clone() const;

  // Processes that share it: one, or two between vfork and exec.
  void add_user(pid_t pid) { users_.push_back(pid); }
  void remove_user(pid_t pid) { std::erase(users_, pid); }

  // Looks at /proc/TID/maps and tells `recorder` what is new: MMAP2, and the
  // code of images. Clears what the cache has of changed mappings.
  void refresh(pid_t tid, Recorder& recorder);

  // Whether [begin, end) holds any mapped code.
  bool has_code(uint64_t begin, uint64_t end) const;

  // The code at an ip.
  struct Fetched {
    size_t size = 0;        // bytes; 0 where nothing can be read
    bool recorded = false;  // it is in the trace for all threads
    std::array<uint8_t, x86::kMaxInsnSize> bytes = {};
  };
  void fetch(pid_t tid, uint64_t ip, Fetched& out);

  // The whole page as it is now, for the trace; the same object as the last
  // time if nothing changed. nullptr if it cannot be read.
  std::shared_ptr<const PageBytes> snapshot(pid_t tid, uint64_t page);

  // The mapping that holds `address`, or nullptr.
  struct Region {
    Mapping mapping;
    CodeKind kind = CodeKind::kImage;
  };
  const Region* find(uint64_t address) const;

  // Changes with every refresh() that found a difference.
  uint64_t version() const { return version_; }

 private:
  struct CachedPage {
    std::array<uint8_t, kPageSize + x86::kMaxInsnSize> bytes = {};
    size_t size = 0;
    bool recorded = false;
  };

  CachedPage* cached(pid_t tid, uint64_t page);
  void announce(pid_t tid, Region& region, Recorder& recorder);
  void drop_changed_pages(const std::vector<Region>& old_regions);

  Options options_;
  std::vector<pid_t> users_;
  std::vector<Region> regions_;  // by address
  std::unordered_map<uint64_t, std::shared_ptr<CachedPage>> pages_;
  std::unordered_map<uint64_t, std::shared_ptr<const PageBytes>> snapshots_;
  uint64_t version_ = 0;
  // Of the last fetch; valid while version_ and pages_ stand.
  uint64_t last_page_ = ~0ull;
  CachedPage* last_cached_ = nullptr;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_ADDRESS_SPACE_H_
