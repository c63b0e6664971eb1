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
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bindings/data_ring.h"
#include "bindings/event.h"
#include "bindings/tracepoint.h"
#include "formats/perf/record.h"

namespace ptcap::bindings {

// `value`, made by the expression, or the test is skipped with what it throws.
#define MAKE_OR_SKIP(value, ...)                          \
  std::unique_ptr<decltype(__VA_ARGS__)> value##_or_none; \
  try {                                                   \
    value##_or_none.reset(new auto(__VA_ARGS__));         \
  } catch (const std::exception& error) {                 \
    GTEST_SKIP() << error.what();                         \
  }                                                       \
  [[maybe_unused]] auto& value = *value##_or_none

#define OPEN_OR_SKIP(event, attr, target) \
  MAKE_OR_SKIP(event, Event(attr, target))

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

// What getppid(2) is in the kernel, for probes.
constexpr const char* kGetppid = "__x64_sys_getppid";

inline void call_getppid(int times) {
  for (int i = 0; i < times; ++i) ::syscall(SYS_getppid);
}

// Of a function of the kernel; 0 where /proc/kallsyms does not tell.
inline uint64_t kernel_address(const std::string& function) {
  std::ifstream symbols("/proc/kallsyms");
  uint64_t address;
  char type;
  std::string rest;
  while (symbols >> std::hex >> address >> type && std::getline(symbols, rest))
    if (rest == " " + function) return address;
  return 0;
}

// Where an address of this program stands in its file.
template <typename T>
uint64_t file_offset(T* address) {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  while (std::getline(maps, line)) {
    unsigned long begin, end, offset;
    if (std::sscanf(line.c_str(), "%lx-%lx %*s %lx", &begin, &end, &offset) ==
            3 &&
        begin <= wanted && wanted < end)
      return wanted - begin + offset;
  }
  return 0;
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

// A value that children share with this process.
template <typename T>
class Shared {
 public:
  Shared()
      : value_(
            static_cast<T*>(::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  Shared(const Shared&) = delete;
  ~Shared() { ::munmap(value_, sizeof(T)); }
  T& operator*() const { return *value_; }

 private:
  T* value_;
};

// How often the kernel took this thread off a CPU until now.
inline uint64_t switches_until_now() {
  rusage usage = {};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
}

// Sleeps often; the switches that this made.
inline uint64_t sleep_often() {
  const uint64_t before = switches_until_now();
  for (int i = 0; i < 50; ++i) ::usleep(1000);
  return switches_until_now() - before;
}

inline void run_on_cpu_0() {
  cpu_set_t only_first;
  CPU_ZERO(&only_first);
  CPU_SET(0, &only_first);
  ::sched_setaffinity(0, sizeof(only_first), &only_first);
}

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
