// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the tests on the real kernel share: skipping aloud, work whose counts
// are known, children, and the records of a ring.

#ifndef PTCAP_TESTS_BINDINGS_LINUX_SUPPORT_H_
#define PTCAP_TESTS_BINDINGS_LINUX_SUPPORT_H_

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "bindings/data_ring.h"
#include "bindings/event.h"
#include "bindings/tracepoint.h"
#include "formats/perf/record.h"

namespace ptcap::bindings {

// Skips the test with the reason where perf refuses `attr`, or gives the event.
#define OPEN_OR_SKIP(event, attr, target)  \
  std::optional<Event> event##_or_none;    \
  try {                                    \
    event##_or_none.emplace(attr, target); \
  } catch (const std::exception& error) {  \
    GTEST_SKIP() << error.what();          \
  }                                        \
  [[maybe_unused]] Event& event = *event##_or_none

inline bool is_root() { return ::geteuid() == 0; }

// tracefs, mounted where nobody else sees it.
inline bool mount_tracefs() {
  static const bool mounted = [] {
    if (Kernel::real().list_directory(tracefs_path() + "/events")) return true;
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr) ==
               0;
  }();
  return mounted;
}

// Fresh memory: the first touch of each page is one page fault.
class FreshPages {
 public:
  explicit FreshPages(size_t count) : size_(count * page_size()) {
    memory_ = static_cast<volatile char*>(
        ::mmap(nullptr, size_, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ::madvise(const_cast<char*>(memory_), size_, MADV_NOHUGEPAGE);
  }
  FreshPages(const FreshPages&) = delete;
  ~FreshPages() { ::munmap(const_cast<char*>(memory_), size_); }

  // One page fault for each page that was not touched before.
  void touch(size_t first, size_t count) const {
    for (size_t i = first; i < first + count; ++i) memory_[i * page_size()] = 1;
  }
  uintptr_t address(size_t page) const {
    return reinterpret_cast<uintptr_t>(memory_) + page * page_size();
  }

 private:
  size_t size_;
  volatile char* memory_;
};

// A child that waits for go(), then runs `work` and exits with its result.
class Child {
 public:
  explicit Child(const std::function<int()>& work) {
    EXPECT_EQ(::pipe(pipe_), 0);
    pid_ = ::fork();
    if (pid_) {
      ::close(pipe_[0]);
      return;
    }
    ::close(pipe_[1]);
    char byte;
    if (::read(pipe_[0], &byte, 1) < 0) ::_exit(99);
    ::_exit(work());
  }
  ~Child() {
    if (pid_ > 0) finish();
  }
  pid_t pid() const { return pid_; }

  // Lets it run; its exit status, or -1 if a signal ended it.
  int finish() {
    // A byte, not only the end of the pipe: children that were forked since
    // hold it open too.
    EXPECT_EQ(::write(pipe_[1], "", 1), 1);
    ::close(pipe_[1]);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int pipe_[2];
  pid_t pid_;
};

// The records of a ring, kept. Bytes live as long as this.
class Records {
 public:
  explicit Records(DataRing& ring)
      : format_(formats::RecordFormat::of(ring.event().attr().fields())) {
    ring.drain([&](const RingRecord& record) {
      std::vector<uint8_t> bytes(record.bytes.size());
      record.bytes.copy_to(bytes.data());
      bytes_.push_back(std::move(bytes));
    });
    for (const auto& bytes : bytes_)
      all_.push_back(formats::parse_record(bytes, format_));
  }

  const std::vector<formats::Record>& all() const { return all_; }
  template <typename Body>
  std::vector<Body> of() const {
    std::vector<Body> found;
    for (const auto& record : all_)
      if (auto* body = std::get_if<Body>(&record.body)) found.push_back(*body);
    return found;
  }

 private:
  formats::RecordFormat format_;
  std::vector<std::vector<uint8_t>> bytes_;
  std::vector<formats::Record> all_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_LINUX_SUPPORT_H_
