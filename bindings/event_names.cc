// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/event_names.h"

#include <optional>
#include <stdexcept>
#include <string>

#include "bindings/number.h"
#include "bindings/pfm.h"

namespace ptcap::bindings {

namespace {

using abi::CacheId;
using abi::CacheOp;
using abi::CacheResult;
using abi::HardwareEvent;
using abi::SoftwareEvent;

[[noreturn]] void fail(std::string_view name, const std::string& why) {
  throw std::invalid_argument("event \"" + std::string(name) + "\": " + why);
}

// Names of perf that are not the kernel's constants.
constexpr std::pair<std::string_view, HardwareEvent> kHardwareNames[] = {
    {"cycles", HardwareEvent::kCpuCycles},
    {"branches", HardwareEvent::kBranchInstructions},
    {"idle-cycles-frontend", HardwareEvent::kStalledCyclesFrontend},
    {"idle-cycles-backend", HardwareEvent::kStalledCyclesBackend},
    {"ref-cycles", HardwareEvent::kRefCpuCycles},
};
constexpr std::pair<std::string_view, SoftwareEvent> kSoftwareNames[] = {
    {"faults", SoftwareEvent::kPageFaults},
    {"minor-faults", SoftwareEvent::kPageFaultsMin},
    {"major-faults", SoftwareEvent::kPageFaultsMaj},
    {"cs", SoftwareEvent::kContextSwitches},
    {"migrations", SoftwareEvent::kCpuMigrations},
};

template <typename E, size_t N>
std::optional<E> by_name(std::string_view name,
                         const std::pair<std::string_view, E> (&aliases)[N]) {
  for (const auto& [alias, event] : aliases)
    if (alias == name) return event;
  return abi::parse<E>(name);
}

constexpr std::pair<std::string_view, CacheId> kCaches[] = {
    {"L1-dcache", CacheId::kL1d}, {"L1-icache", CacheId::kL1i},
    {"LLC", CacheId::kLl},        {"dTLB", CacheId::kDtlb},
    {"iTLB", CacheId::kItlb},     {"branch", CacheId::kBpu},
    {"node", CacheId::kNode},
};
struct CacheAction {
  std::string_view name;
  CacheOp op;
  CacheResult result;
};
constexpr CacheAction kCacheActions[] = {
    {"loads", CacheOp::kRead, CacheResult::kAccess},
    {"load-misses", CacheOp::kRead, CacheResult::kMiss},
    {"stores", CacheOp::kWrite, CacheResult::kAccess},
    {"store-misses", CacheOp::kWrite, CacheResult::kMiss},
    {"prefetches", CacheOp::kPrefetch, CacheResult::kAccess},
    {"prefetch-misses", CacheOp::kPrefetch, CacheResult::kMiss},
};

std::optional<EventAttr> cache_event(std::string_view name) {
  for (const auto& [cache, id] : kCaches) {
    if (!name.starts_with(cache) || name.size() <= cache.size() ||
        name[cache.size()] != '-')
      continue;
    for (const CacheAction& action : kCacheActions)
      if (name.substr(cache.size() + 1) == action.name)
        return EventAttr::cache(id, action.op, action.result);
  }
  return std::nullopt;
}

std::optional<EventAttr> raw_event(std::string_view name) {
  if (!name.starts_with('r') || name.size() < 2) return std::nullopt;
  auto config = parse_number("0x" + std::string(name.substr(1)));
  if (!config) return std::nullopt;
  return EventAttr::raw(*config);
}

// Without modifiers, and of none of the forms with a colon or a slash.
std::optional<EventAttr> plain_event(std::string_view name) {
  if (auto event = by_name(name, kHardwareNames))
    return EventAttr::hardware(*event);
  if (auto event = by_name(name, kSoftwareNames))
    return EventAttr::software(*event);
  if (auto event = cache_event(name)) return event;
  return raw_event(name);
}

// "0x1000/4:rw", the "mem:" being gone. What stands behind the second colon
// are modifiers.
EventAttr breakpoint(std::string_view name, std::string_view rest,
                     std::string_view& modifiers) {
  std::string_view place = take_until(rest, ':');
  std::string_view mode = take_until(rest, ':');
  modifiers = rest;
  std::string_view length_text = place;
  auto address = parse_number(take_until(length_text, '/'));
  auto length = length_text.empty() ? 4 : parse_number(length_text);
  if (!address || !length || *length < 1 || *length > 8)
    fail(name, "is no mem:ADDRESS[/LENGTH][:rwx]");
  auto type = abi::BreakpointType::kEmpty;
  for (char c : mode.empty() ? "rw" : mode) {
    if (c == 'r')
      type |= abi::BreakpointType::kR;
    else if (c == 'w')
      type |= abi::BreakpointType::kW;
    else if (c == 'x')
      type |= abi::BreakpointType::kX;
    else
      fail(name, "a breakpoint is r, w, rw or x");
  }
  return EventAttr::breakpoint(type, *address,
                               static_cast<abi::BreakpointLength>(*length));
}

void apply_modifiers(std::string_view name, std::string_view modifiers,
                     EventAttr& attr) {
  abi::perf_event_attr& a = attr.fields();
  bool levels = false, host_or_guest = false;
  for (char c : modifiers) {
    // The first of u, k, h excludes all; each then takes its own back.
    if (std::string_view("ukh").find(c) != std::string_view::npos && !levels) {
      a.exclude_user = a.exclude_kernel = a.exclude_hv = 1;
      levels = true;
    }
    if ((c == 'G' || c == 'H') && !host_or_guest) {
      a.exclude_guest = a.exclude_host = 1;
      host_or_guest = true;
    }
    switch (c) {
      case 'u':
        a.exclude_user = 0;
        break;
      case 'k':
        a.exclude_kernel = 0;
        break;
      case 'h':
        a.exclude_hv = 0;
        break;
      case 'G':
        a.exclude_guest = 0;
        break;
      case 'H':
        a.exclude_host = 0;
        break;
      case 'I':
        a.exclude_idle = 1;
        break;
      case 'D':
        a.pinned = 1;
        break;
      case 'e':
        a.exclusive = 1;
        break;
      case 'p':
        if (a.precise_ip == 3) fail(name, "more than three p");
        a.precise_ip = a.precise_ip + 1;
        break;
      default:
        fail(name, std::string("has no modifier ") + c);
    }
  }
}

// Of the forms with a colon: a tracepoint, or one that libpfm4 knows.
std::optional<EventAttr> colon_event(std::string_view name, Kernel& kernel) {
  std::string_view event = name;
  std::string_view system = take_until(event, ':');
  if (system.empty() || event.empty() || event.starts_with(':'))
    return std::nullopt;
  try {
    return EventAttr::tracepoint(system, event, kernel);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    return std::nullopt;
  }
}

// The name up to its last colon, and what is behind it as modifiers.
std::optional<EventAttr> with_modifiers(std::string_view name,
                                        std::string_view& modifiers,
                                        Kernel& kernel) {
  if (auto event = plain_event(name)) return event;
  size_t colon = name.rfind(':');
  std::string_view stem = name.substr(0, colon);
  if (colon != name.npos) {
    modifiers = name.substr(colon + 1);
    if (auto event = plain_event(stem)) return event;
    modifiers = {};
    if (auto event = colon_event(name, kernel)) return event;
    if (stem.find(':') != stem.npos) {
      modifiers = name.substr(colon + 1);
      if (auto event = colon_event(stem, kernel)) return event;
      modifiers = {};
    }
  }
  return std::nullopt;
}

}  // namespace

EventAttr parse_event(std::string_view name, Kernel& kernel) {
  std::string_view modifiers;
  std::optional<EventAttr> event;
  size_t slash = name.find('/');
  if (name.starts_with("mem:")) {
    event = breakpoint(name, name.substr(4), modifiers);
  } else if (slash != name.npos) {
    size_t last = name.rfind('/');
    if (last == slash) fail(name, "is no PMU/TERMS/: a slash is missing");
    event = EventAttr::pmu(name.substr(0, slash),
                           name.substr(slash + 1, last - slash - 1), kernel);
    modifiers = name.substr(last + 1);
    if (modifiers.starts_with(':')) modifiers.remove_prefix(1);
  } else {
    event = with_modifiers(name, modifiers, kernel);
  }
  // libpfm4 has modifiers of its own.
  if (!event) event = pfm_event(std::string(name));
  if (!event)
    fail(name, pfm_available()
                   ? "neither perf's names, nor tracefs, nor libpfm4 has it"
                   : "neither perf's names nor tracefs has it (libpfm4 is "
                     "not installed)");
  apply_modifiers(name, modifiers, *event);
  return event->named(std::string(name));
}

}  // namespace ptcap::bindings
