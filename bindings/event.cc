// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/event.h"

#include <cassert>
#include <cerrno>
#include <utility>

namespace ptcap::bindings {

using abi::Ioctl;
using abi::ReadFormat;

namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

struct IoctlAdvice {
  Ioctl request;
  int error;
  const char* advice;
};

// What may help where an ioctl failed.
constexpr IoctlAdvice kIoctlAdvice[] = {
    {Ioctl::kPauseOutput, EINVAL, "the event has no ring: map one first"},
    {Ioctl::kSetOutput, EINVAL,
     "both must be on one CPU or one thread, with the same clock, and this one "
     "without a ring of its own"},
    {Ioctl::kRefresh, EINVAL,
     "only events that sample and are not inherited can be refreshed"},
    {Ioctl::kPeriod, EINVAL,
     "the event does not sample, or the period is 0 or too large"},
    {Ioctl::kSetFilter, EINVAL,
     "the filter is not understood; /sys/kernel/tracing/events/SYSTEM/NAME/"
     "filter tells where for a tracepoint"},
    {Ioctl::kSetFilter, EOPNOTSUPP,
     "the PMU has fewer address filters (nr_addr_filters), or not of this "
     "kind"},
    {Ioctl::kSetFilter, ENOENT, "a file that the filter names is not there"},
    {Ioctl::kSetFilter, EACCES, "a file that the filter names is not readable"},
    {Ioctl::kSetBpf, EINVAL,
     "the descriptor is no BPF program, or one of a type for other events"},
    {Ioctl::kSetBpf, EEXIST,
     "the program is attached already (of an event that is no probe: any is)"},
    {Ioctl::kSetBpf, EBADF, "the program's descriptor is not open"},
    {Ioctl::kQueryBpf, EINVAL, "only tracepoints can be asked"},
    {Ioctl::kModifyAttributes, EOPNOTSUPP, "only breakpoints can be modified"},
    {Ioctl::kModifyAttributes, ENOSPC, "no breakpoint register is left"},
};

std::string ioctl_advice(Ioctl request, int error) {
  if (error == ENOTTY) {
    auto since = abi::since(request);
    return "needs Linux " + (since ? abi::to_string(*since) : "");
  }
  for (const IoctlAdvice& known : kIoctlAdvice)
    if (known.request == request && known.error == error) return known.advice;
  if (error == EPERM) return "needs CAP_PERFMON (Linux 5.8) or CAP_SYS_ADMIN";
  return "";
}

// A value with what follows it, in the order of read_format.
Count take_count(const uint64_t*& word, uint64_t format) {
  Count count;
  count.value = *word++;
  if (has(format, ReadFormat::kGroup)) {
    if (has(format, ReadFormat::kId)) count.id = *word++;
    if (has(format, ReadFormat::kLost)) count.lost = *word++;
    return count;
  }
  if (has(format, ReadFormat::kTotalTimeEnabled))
    count.time_enabled_ns = *word++;
  if (has(format, ReadFormat::kTotalTimeRunning))
    count.time_running_ns = *word++;
  if (has(format, ReadFormat::kId)) count.id = *word++;
  if (has(format, ReadFormat::kLost)) count.lost = *word++;
  return count;
}

std::vector<Count> take_group(const uint64_t* word, uint64_t format,
                              size_t words) {
  const uint64_t* end = word + words;
  uint64_t size = *word++;
  std::optional<uint64_t> enabled, running;
  if (has(format, ReadFormat::kTotalTimeEnabled)) enabled = *word++;
  if (has(format, ReadFormat::kTotalTimeRunning)) running = *word++;
  std::vector<Count> counts;
  while (counts.size() < size && word < end) {
    counts.push_back(take_count(word, format));
    counts.back().time_enabled_ns = enabled;
    counts.back().time_running_ns = running;
  }
  return counts;
}

}  // namespace

std::optional<uint64_t> Count::scaled() const {
  if (!time_enabled_ns || !time_running_ns) return value;
  if (*time_running_ns >= *time_enabled_ns) return value;
  if (*time_running_ns == 0) return std::nullopt;
  // value x enabled exceeds 64 bits after seconds.
  return static_cast<uint64_t>(static_cast<unsigned __int128>(value) *
                               *time_enabled_ns / *time_running_ns);
}

double Count::share() const {
  if (!time_enabled_ns || !time_running_ns || !*time_enabled_ns) return 1;
  return static_cast<double>(*time_running_ns) /
         static_cast<double>(*time_enabled_ns);
}

int Event::open_fd(const EventAttr& attr, const Target& target,
                   const Options& options, Kernel& kernel) {
  abi::perf_event_attr fields = attr.for_kernel();
  unsigned long flags = 0;
  if (options.close_on_exec) flags |= bits(abi::OpenFlag::kFdCloexec);
  pid_t pid = target.pid;
  if (target.cgroup_fd >= 0) {
    flags |= bits(abi::OpenFlag::kPidCgroup);
    pid = target.cgroup_fd;
  }
  int leader = options.group_leader ? options.group_leader->fd() : -1;
  return kernel.perf_event_open(fields, pid, target.cpu, leader, flags);
}

Event::Event(EventAttr attr, const Target& target, const Options& options,
             Kernel& kernel)
    : Event(std::move(attr), target, -1, kernel) {
  fd_ = open_fd(attr_, target_, options, kernel);
  if (fd_ < 0) throw open_error(errno, attr_, target_, kernel);
}

std::optional<Event> Event::open(EventAttr attr, const Target& target,
                                 const Options& options, std::error_code& ec,
                                 Kernel& kernel) {
  ec.clear();
  int fd = open_fd(attr, target, options, kernel);
  if (fd >= 0) return Event(std::move(attr), target, fd, kernel);
  ec = last_error();
  return std::nullopt;
}

Event::Event(Event&& other) noexcept
    : attr_(std::move(other.attr_)),
      target_(other.target_),
      kernel_(other.kernel_),
      fd_(std::exchange(other.fd_, -1)) {}

Event& Event::operator=(Event&& other) noexcept {
  if (this == &other) return *this;
  close();
  attr_ = std::move(other.attr_);
  target_ = other.target_;
  kernel_ = other.kernel_;
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

Event::~Event() { close(); }

void Event::close() noexcept {
  if (fd_ >= 0) kernel_->close(fd_);
  fd_ = -1;
}

void Event::ioctl(Ioctl request, unsigned long argument,
                  std::error_code& ec) const noexcept {
  ec.clear();
  if (kernel_->ioctl(fd_, request, argument) < 0) ec = last_error();
}

void Event::throw_if(const std::error_code& ec, Ioctl request) const {
  if (!ec) return;
  throw call_error(ec.value(), "ioctl",
                   std::string(abi::name(request)) + ", " + attr_.name() +
                       ", " + to_string(target_),
                   ioctl_advice(request, ec.value()));
}

// The throwing form of OPERATION(ARGUMENT), which makes ioctl REQUEST.
#define PTCAP_THROWING(operation, request) \
  void Event::operation() {                \
    std::error_code ec;                    \
    operation(ec);                         \
    throw_if(ec, request);                 \
  }
#define PTCAP_THROWING_WITH(operation, type, request) \
  void Event::operation(type argument) {              \
    std::error_code ec;                               \
    operation(argument, ec);                          \
    throw_if(ec, request);                            \
  }

PTCAP_THROWING(enable, Ioctl::kEnable)
PTCAP_THROWING(disable, Ioctl::kDisable)
PTCAP_THROWING(reset, Ioctl::kReset)
PTCAP_THROWING(enable_group, Ioctl::kEnable)
PTCAP_THROWING(disable_group, Ioctl::kDisable)
PTCAP_THROWING(reset_group, Ioctl::kReset)
PTCAP_THROWING(detach_output, Ioctl::kSetOutput)
PTCAP_THROWING(pause_output, Ioctl::kPauseOutput)
PTCAP_THROWING(resume_output, Ioctl::kPauseOutput)
PTCAP_THROWING_WITH(refresh, unsigned, Ioctl::kRefresh)
PTCAP_THROWING_WITH(set_period, uint64_t, Ioctl::kPeriod)
PTCAP_THROWING_WITH(set_output, const Event&, Ioctl::kSetOutput)
PTCAP_THROWING_WITH(set_filter, const std::string&, Ioctl::kSetFilter)
PTCAP_THROWING_WITH(set_bpf, int, Ioctl::kSetBpf)
PTCAP_THROWING_WITH(modify, const EventAttr&, Ioctl::kModifyAttributes)

#undef PTCAP_THROWING
#undef PTCAP_THROWING_WITH

namespace {
constexpr unsigned long kWholeGroup = bits(abi::IoctlFlag::kGroup);
}

void Event::enable(std::error_code& ec) noexcept {
  ioctl(Ioctl::kEnable, 0, ec);
}
void Event::disable(std::error_code& ec) noexcept {
  ioctl(Ioctl::kDisable, 0, ec);
}
void Event::reset(std::error_code& ec) noexcept { ioctl(Ioctl::kReset, 0, ec); }
void Event::enable_group(std::error_code& ec) noexcept {
  ioctl(Ioctl::kEnable, kWholeGroup, ec);
}
void Event::disable_group(std::error_code& ec) noexcept {
  ioctl(Ioctl::kDisable, kWholeGroup, ec);
}
void Event::reset_group(std::error_code& ec) noexcept {
  ioctl(Ioctl::kReset, kWholeGroup, ec);
}

void Event::refresh(unsigned overflows, std::error_code& ec) noexcept {
  ioctl(Ioctl::kRefresh, overflows, ec);
}

void Event::set_period(uint64_t value, std::error_code& ec) noexcept {
  ioctl(Ioctl::kPeriod, reinterpret_cast<unsigned long>(&value), ec);
}

void Event::set_output(const Event& other, std::error_code& ec) noexcept {
  ioctl(Ioctl::kSetOutput, static_cast<unsigned long>(other.fd()), ec);
}

void Event::detach_output(std::error_code& ec) noexcept {
  ioctl(Ioctl::kSetOutput, static_cast<unsigned long>(-1L), ec);
}

void Event::set_filter(const std::string& filter,
                       std::error_code& ec) noexcept {
  ioctl(Ioctl::kSetFilter, reinterpret_cast<unsigned long>(filter.c_str()), ec);
}

void Event::set_bpf(int program_fd, std::error_code& ec) noexcept {
  ioctl(Ioctl::kSetBpf, static_cast<unsigned long>(program_fd), ec);
}

void Event::pause_output(std::error_code& ec) noexcept {
  ioctl(Ioctl::kPauseOutput, 1, ec);
}

void Event::resume_output(std::error_code& ec) noexcept {
  ioctl(Ioctl::kPauseOutput, 0, ec);
}

void Event::modify(const EventAttr& breakpoint, std::error_code& ec) noexcept {
  // Everything but the breakpoint itself has to stay as it is.
  EventAttr changed = attr_;
  abi::perf_event_attr& fields = changed.fields();
  fields.bp_type = breakpoint.fields().bp_type;
  fields.bp_addr = breakpoint.fields().bp_addr;
  fields.bp_len = breakpoint.fields().bp_len;
  fields.disabled = breakpoint.fields().disabled;
  abi::perf_event_attr for_kernel = changed.for_kernel();
  ioctl(Ioctl::kModifyAttributes, reinterpret_cast<unsigned long>(&for_kernel),
        ec);
  if (!ec) attr_ = std::move(changed).named(breakpoint.name());
}

uint64_t Event::id() const {
  std::error_code ec;
  uint64_t value = id(ec);
  throw_if(ec, Ioctl::kId);
  return value;
}

uint64_t Event::id(std::error_code& ec) const noexcept {
  uint64_t value = 0;
  ioctl(Ioctl::kId, reinterpret_cast<unsigned long>(&value), ec);
  return value;
}

std::vector<uint32_t> Event::query_bpf() const {
  std::error_code ec;
  auto ids = query_bpf(ec);
  throw_if(ec, Ioctl::kQueryBpf);
  return ids;
}

std::vector<uint32_t> Event::query_bpf(std::error_code& ec) const {
  constexpr size_t kMaxPrograms = 64;  // BPF_TRACE_MAX_PROGS
  struct {
    abi::perf_event_query_bpf query;
    uint32_t ids[kMaxPrograms];
  } buffer = {};
  buffer.query.ids_len = kMaxPrograms;
  ioctl(Ioctl::kQueryBpf, reinterpret_cast<unsigned long>(&buffer), ec);
  if (ec) return {};
  return {buffer.ids, buffer.ids + buffer.query.prog_cnt};
}

// The error, or 0: nothing that costs is done where all goes well.
int Event::read_into(Count& count) const noexcept {
  assert(!has(attr_.fields().read_format, ReadFormat::kGroup));
  uint64_t words[5];  // value, both times, id, lost
  ssize_t size = kernel_->read(fd_, words, sizeof(words));
  if (size <= 0) return size < 0 ? errno : ENODATA;
  const uint64_t* word = words;
  count = take_count(word, attr_.fields().read_format);
  return 0;
}

Count Event::read() const {
  Count count;
  if (int error = read_into(count))
    throw call_error(error, "read", attr_.name(),
                     error == ENODATA
                         ? "the event is pinned, and all counters are taken"
                         : "");
  return count;
}

Count Event::read(std::error_code& ec) const noexcept {
  Count count;
  ec = {read_into(count), std::generic_category()};
  return count;
}

std::vector<Count> Event::read_group() const {
  std::error_code ec;
  auto counts = read_group(ec);
  if (ec) throw call_error(ec.value(), "read", attr_.name() + ", its group");
  return counts;
}

std::vector<Count> Event::read_group(std::error_code& ec) const {
  const uint64_t format = attr_.fields().read_format;
  assert(has(format, ReadFormat::kGroup));
  // ENOSPC says that the group is larger than the buffer.
  for (size_t words = 64;; words *= 4) {
    std::vector<uint64_t> buffer(words);
    ssize_t size = kernel_->read(fd_, buffer.data(), words * sizeof(uint64_t));
    if (size < 0 && errno == ENOSPC && words < 65536) continue;
    if (size <= 0) {
      ec = size < 0 ? last_error()
                    : std::make_error_code(std::errc::no_message_available);
      return {};
    }
    ec.clear();
    return take_group(buffer.data(), format, size / sizeof(uint64_t));
  }
}

short Event::poll(int timeout_ms) const {
  std::error_code ec;
  short events = poll(timeout_ms, ec);
  if (ec) throw call_error(ec.value(), "poll", attr_.name());
  return events;
}

short Event::poll(int timeout_ms, std::error_code& ec) const noexcept {
  pollfd fd = {fd_, POLLIN, 0};
  ec.clear();
  int ready = kernel_->poll(&fd, 1, timeout_ms);
  if (ready < 0 && errno != EINTR) ec = last_error();
  return ready > 0 ? fd.revents : short{0};
}

Group::Group(std::vector<EventAttr> attrs, const Target& target,
             Kernel& kernel) {
  assert(!attrs.empty());
  for (EventAttr& attr : attrs) {
    attr.read_format(ReadFormat::kGroup | ReadFormat::kId |
                     ReadFormat::kTotalTimeEnabled |
                     ReadFormat::kTotalTimeRunning);
    // Members follow the leader, which alone is enabled and disabled.
    if (!events_.empty()) attr.enabled_at_once().enable_on_exec(false);
    Event::Options options;
    options.group_leader = events_.empty() ? nullptr : &events_.front();
    events_.emplace_back(std::move(attr), target, options, kernel);
  }
}

}  // namespace ptcap::bindings
