// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// One open event, and groups of them.

#ifndef PTCAP_BINDINGS_EVENT_H_
#define PTCAP_BINDINGS_EVENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "bindings/error.h"
#include "bindings/event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// A count, and how much of the time the event was on a counter.
struct Count {
  uint64_t value = 0;
  std::optional<uint64_t> time_enabled_ns;  // ReadFormat::kTotalTimeEnabled
  std::optional<uint64_t> time_running_ns;  // ReadFormat::kTotalTimeRunning
  std::optional<uint64_t> id;               // ReadFormat::kId
  std::optional<uint64_t> lost;  // samples, ReadFormat::kLost; Linux 6.0

  // What it would have been on a counter all the time: value x enabled /
  // running. `value` where the times are not known; nullopt if it was enabled
  // but never ran.
  std::optional<uint64_t> scaled() const;
  // Part of the time on a counter, 0 to 1; 1 where the times are not known.
  double share() const;
};

// Owns the descriptor, which is closed on exec. Movable. Not for two threads
// at once, but for read().
//
// Every operation has two forms: one throws PerfError with the event, the
// cause and the advice, one sets an std::error_code (and clears it where all
// went well).
class Event {
 public:
  struct Options {
    const Event* group_leader = nullptr;
    bool close_on_exec = true;
  };

  // Opens it. The kernel must outlive the event.
  Event(EventAttr attr, const Target& target, const Options& options,
        Kernel& kernel = Kernel::real());
  explicit Event(EventAttr attr, const Target& target = Target::self(),
                 Kernel& kernel = Kernel::real())
      : Event(std::move(attr), target, Options(), kernel) {}
  // nullopt with `ec` where it cannot be opened.
  static std::optional<Event> open(EventAttr attr, const Target& target,
                                   const Options& options, std::error_code& ec,
                                   Kernel& kernel = Kernel::real());

  Event(Event&& other) noexcept;
  Event& operator=(Event&& other) noexcept;
  ~Event();

  int fd() const { return fd_; }
  const EventAttr& attr() const { return attr_; }
  const Target& target() const { return target_; }
  Kernel& kernel() const { return *kernel_; }

  // Counting. The `_group` forms are for a leader and all of its members.
  void enable();
  void enable(std::error_code& ec) noexcept;
  void disable();
  void disable(std::error_code& ec) noexcept;
  void reset();  // the count, not the times
  void reset(std::error_code& ec) noexcept;
  void enable_group();
  void enable_group(std::error_code& ec) noexcept;
  void disable_group();
  void disable_group(std::error_code& ec) noexcept;
  void reset_group();
  void reset_group(std::error_code& ec) noexcept;
  // For so many more overflows, then it stops.
  void refresh(unsigned overflows);
  void refresh(unsigned overflows, std::error_code& ec) noexcept;
  // Of sampling; a frequency in Hz where the attr has one.
  void set_period(uint64_t period_or_frequency);
  void set_period(uint64_t period_or_frequency, std::error_code& ec) noexcept;

  // This event's count. REQUIRES: no ReadFormat::kGroup.
  // An event that is pinned and found no counter: ENODATA.
  Count read() const;
  Count read(std::error_code& ec) const noexcept;
  // The leader's and its members' counts in the order they were opened.
  // REQUIRES: ReadFormat::kGroup.
  std::vector<Count> read_group() const;
  std::vector<Count> read_group(std::error_code& ec) const;

  uint64_t id() const;
  uint64_t id(std::error_code& ec) const noexcept;

  // Records go into the ring of `other`, which is mapped and outlives this.
  void set_output(const Event& other);
  void set_output(const Event& other, std::error_code& ec) noexcept;
  void detach_output();
  void detach_output(std::error_code& ec) noexcept;
  // Of a tracepoint, or of the addresses that a PMU such as intel_pt traces.
  void set_filter(const std::string& filter);
  void set_filter(const std::string& filter, std::error_code& ec) noexcept;
  // Runs a loaded BPF program at each overflow (or probe hit).
  void set_bpf(int program_fd);
  void set_bpf(int program_fd, std::error_code& ec) noexcept;
  // Ids of the BPF programs at this tracepoint.
  std::vector<uint32_t> query_bpf() const;
  std::vector<uint32_t> query_bpf(std::error_code& ec) const;
  // Stops writing to the ring, so that an overwritten one can be read.
  void pause_output();
  void pause_output(std::error_code& ec) noexcept;
  void resume_output();
  void resume_output(std::error_code& ec) noexcept;
  // Another address, length or type of a breakpoint; attr() follows.
  void modify(const EventAttr& breakpoint);
  void modify(const EventAttr& breakpoint, std::error_code& ec) noexcept;

  // Waits for records, or for the end of the thread (POLLHUP). The revents;
  // 0 after `timeout_ms` (-1: never) or a signal.
  short poll(int timeout_ms) const;
  short poll(int timeout_ms, std::error_code& ec) const noexcept;

 private:
  Event(EventAttr attr, const Target& target, int fd, Kernel& kernel)
      : attr_(std::move(attr)), target_(target), kernel_(&kernel), fd_(fd) {}
  static int open_fd(const EventAttr& attr, const Target& target,
                     const Options& options, Kernel& kernel);
  void close() noexcept;
  int read_into(Count& count) const noexcept;
  void ioctl(abi::Ioctl request, unsigned long argument,
             std::error_code& ec) const noexcept;
  void throw_if(const std::error_code& ec, abi::Ioctl request) const;

  EventAttr attr_;
  Target target_;
  Kernel* kernel_;
  int fd_;
};

// Events that are on counters all together or not at all, read by one call.
// The members stand in the order of `attrs`, the first leads. Made disabled.
class Group {
 public:
  // Adds kGroup, kId and both times to the read_format of all.
  Group(std::vector<EventAttr> attrs, const Target& target,
        Kernel& kernel = Kernel::real());
  static std::optional<Group> open(std::vector<EventAttr> attrs,
                                   const Target& target, std::error_code& ec,
                                   Kernel& kernel = Kernel::real()) {
    return or_error(ec,
                    [&] { return Group(std::move(attrs), target, kernel); });
  }

  void enable() { leader().enable_group(); }
  void enable(std::error_code& ec) noexcept { leader().enable_group(ec); }
  void disable() { leader().disable_group(); }
  void disable(std::error_code& ec) noexcept { leader().disable_group(ec); }
  void reset() { leader().reset_group(); }
  void reset(std::error_code& ec) noexcept { leader().reset_group(ec); }
  // One for each event, in the order of `attrs`.
  std::vector<Count> read() const { return events_.front().read_group(); }
  std::vector<Count> read(std::error_code& ec) const {
    return events_.front().read_group(ec);
  }

  size_t size() const { return events_.size(); }
  Event& operator[](size_t i) { return events_[i]; }
  const Event& operator[](size_t i) const { return events_[i]; }
  Event& leader() { return events_.front(); }

 private:
  std::vector<Event> events_;
};

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_EVENT_H_
