// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A Kernel in memory: events are numbers, rings are arrays, files are strings,
// and any call can be told to fail.

#ifndef PTCAP_TESTS_BINDINGS_FAKE_KERNEL_H_
#define PTCAP_TESTS_BINDINGS_FAKE_KERNEL_H_

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bindings/abi/perf_event_mmap_page.h"
#include "bindings/kernel.h"
#include "bindings/mapping.h"

namespace ptcap::bindings {

class FakeKernel : public Kernel {
 public:
  struct FakeEvent {
    abi::perf_event_attr attr;
    pid_t pid;
    int cpu;
    int group_fd;
    unsigned long flags;
    std::vector<uint64_t> words_to_read;
    std::vector<std::pair<abi::Ioctl, unsigned long>> ioctls;
    // What mmap gave, by offset.
    std::map<off_t, std::vector<uint64_t>> memory;
  };

  // State that a test sets or looks at.
  std::map<int, FakeEvent> events;  // open ones, by descriptor
  std::map<std::string, std::string> files;
  size_t mappings = 0;
  int next_fd = 100;
  // An errno for the next calls of that kind; 0: they work.
  int open_error = 0, ioctl_error = 0, mmap_error = 0, read_error = 0,
      poll_error = 0;
  // Decides instead of open_error, where it is set.
  std::function<int(const abi::perf_event_attr&)> open_errors;
  short poll_events = 0;

  int perf_event_open(abi::perf_event_attr& attr, pid_t pid, int cpu,
                      int group_fd, unsigned long flags) override {
    int error = open_errors ? open_errors(attr) : open_error;
    if (error == E2BIG) attr.size = attr_size;
    if (error) return fail(error);
    events[next_fd] = {attr, pid, cpu, group_fd, flags, {}, {}, {}};
    return next_fd++;
  }
  int ioctl(int fd, abi::Ioctl request, unsigned long argument) override {
    if (ioctl_error) return fail(ioctl_error);
    events.at(fd).ioctls.emplace_back(request, argument);
    if (request == abi::Ioctl::kId)
      *reinterpret_cast<uint64_t*>(argument) = 1000 + fd;
    return 0;
  }
  void* mmap(size_t size, int, int fd, off_t offset) override {
    if (mmap_error) {
      fail(mmap_error);
      return MAP_FAILED;
    }
    auto& memory = events.at(fd).memory[offset];
    memory.resize(size / sizeof(uint64_t));
    ++mappings;
    return memory.data();
  }
  int munmap(void*, size_t) override {
    --mappings;
    return 0;
  }
  ssize_t read(int fd, void* buffer, size_t size) override {
    if (read_error) return fail(read_error);
    const auto& words = events.at(fd).words_to_read;
    if (words.size() * sizeof(uint64_t) > size) return fail(ENOSPC);
    if (!words.empty())
      std::memcpy(buffer, words.data(), words.size() * sizeof(uint64_t));
    return static_cast<ssize_t>(words.size() * sizeof(uint64_t));
  }
  int poll(pollfd* fds, nfds_t, int) override {
    if (poll_error) return fail(poll_error);
    fds[0].revents = poll_events;
    return poll_events != 0;
  }
  int close(int fd) override {
    if (events.erase(fd)) return 0;
    ADD_FAILURE() << "close of " << fd << ", which is not open";
    return fail(EBADF);
  }

  std::optional<std::string> read_file(const std::string& path) override {
    auto found = files.find(path);
    if (found != files.end()) return found->second;
    errno = ENOENT;
    return std::nullopt;
  }
  std::optional<std::vector<std::string>> list_directory(
      const std::string& path) override {
    std::vector<std::string> names;
    const std::string prefix = path.ends_with('/') ? path : path + '/';
    for (const auto& [file, text] : files) {
      if (!file.starts_with(prefix)) continue;
      std::string rest = file.substr(prefix.size());
      std::string name = rest.substr(0, rest.find('/'));
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    if (!names.empty()) return names;
    errno = ENOENT;
    return std::nullopt;
  }

  // Files of an intel_pt PMU as a Skylake has it.
  void add_intel_pt() {
    const std::string pmu = "/sys/bus/event_source/devices/intel_pt/";
    files[pmu + "type"] = "8";
    for (auto [term, bits] :
         std::map<std::string, std::string>{{"pt", "config:0"},
                                            {"cyc", "config:1"},
                                            {"mtc", "config:9"},
                                            {"tsc", "config:10"},
                                            {"noretcomp", "config:11"},
                                            {"branch", "config:13"},
                                            {"mtc_period", "config:14-17"},
                                            {"cyc_thresh", "config:19-22"},
                                            {"psb_period", "config:24-27"}})
      files[pmu + "format/" + term] = bits;
    files[pmu + "caps/mtc_periods"] = "249";
    files[pmu + "caps/ip_filtering"] = "1";
    files[pmu + "nr_addr_filters"] = "2";
  }

  uint32_t attr_size = 136;

 private:
  static int fail(int error) {
    errno = error;
    return -1;
  }
};

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_FAKE_KERNEL_H_
