// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Failed calls, told so that the reader knows what to do.

#ifndef PTCAP_BINDINGS_ERROR_H_
#define PTCAP_BINDINGS_ERROR_H_

#include <cstddef>
#include <optional>
#include <string>
#include <system_error>

#include "bindings/abi/perf_event_attr.h"
#include "bindings/event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// Whose events are counted, and where.
struct Target {
  pid_t pid = 0;  // 0: the calling thread; -1: every thread
  int cpu = -1;   // -1: whichever it runs on
  // A descriptor of a cgroup's directory in place of pid; needs a cpu.
  int cgroup_fd = -1;

  static Target self() { return {}; }
  static Target thread(pid_t tid) { return {tid, -1, -1}; }
  static Target all_threads_on(int cpu) { return {-1, cpu, -1}; }
  static Target cgroup(int directory_fd, int cpu) {
    return {-1, cpu, directory_fd};
  }
};

// "pid 7", "CPU 3", "this thread": for messages.
std::string to_string(const Target& target);

// What the bindings throw where a call failed. code() has the errno; what()
// is "CALL(OBJECT): cause\n  advice".
class PerfError : public std::system_error {
 public:
  // `call` names the object too: "mmap(ring of cycles, 512 KiB)".
  PerfError(int error, const std::string& call, const std::string& advice);

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& advice() const { return advice_; }

 private:
  std::string advice_;
  std::string message_;
};

// What `make` returns, or nullopt with the code of the std::system_error that
// it throws: for those who handle errors by value.
template <typename Make>
auto or_error(std::error_code& ec, Make&& make)
    -> std::optional<decltype(make())> {
  ec.clear();
  try {
    return make();
  } catch (const std::system_error& error) {
    ec = error.code();
    return std::nullopt;
  }
}

// The functions below read the system's limits through `kernel`.
//
// For perf_event_open(): the paranoid level and capability, RLIMIT_NOFILE, the
// PMUs there are, fields too new for this kernel ("needs Linux 6.13").
PerfError open_error(int error, const EventAttr& attr, const Target& target,
                     Kernel& kernel);
// Only the advice; empty where there is none.
std::string open_advice(int error, const EventAttr& attr, const Target& target,
                        Kernel& kernel);

// For mmap() of a ring or an AUX area of `size_bytes`: the mlock budget, by
// /proc/sys/kernel/perf_event_mlock_kb, CPUs and RLIMIT_MEMLOCK.
PerfError mmap_error(int error, const std::string& event, std::string_view area,
                     size_t size_bytes, Kernel& kernel);
std::string mmap_advice(int error, size_t size_bytes, Kernel& kernel);

// For the rest: "ioctl(PERF_EVENT_IOC_PERIOD, cycles): Bad address".
PerfError call_error(int error, std::string_view call, const std::string& event,
                     const std::string& advice = "");

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_ERROR_H_
