// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Vendors' event names through libpfm4, if that is installed.

#ifndef PTCAP_BINDINGS_PFM_H_
#define PTCAP_BINDINGS_PFM_H_

#include <cstddef>
#include <optional>
#include <string>

#include "bindings/event_attr.h"

namespace ptcap::bindings {

// Whether libpfm.so.4 can be loaded.
bool pfm_available();

// "INST_RETIRED:ANY_P", "skl::BR_INST_RETIRED:NEAR_TAKEN:u": the attr that
// libpfm4 makes of it for this CPU. nullopt without libpfm4, and for names that
// it does not know.
std::optional<EventAttr> pfm_event(const std::string& name);

namespace internal {

// pfm_perf_encode_arg_t of perfmon/pfmlib_perf_event.h, which is not needed to
// build: the library is loaded when it is asked for.
struct PfmEncodeArgument {
  abi::perf_event_attr* attr;
  char** full_name;
  size_t size;
  int index;
  int cpu;
  int flags;
};
inline constexpr int kPfmOsPerfEventExt = 2;  // PFM_OS_PERF_EVENT_EXT
inline constexpr int kPfmSuccess = 0;
inline constexpr int kPfmUserAndKernel = 0x1 | 0x8;  // PFM_PLM0 | PFM_PLM3

}  // namespace internal
}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_PFM_H_
