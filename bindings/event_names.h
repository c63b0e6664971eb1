// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Events by the names that perf's -e takes.

#ifndef PTCAP_BINDINGS_EVENT_NAMES_H_
#define PTCAP_BINDINGS_EVENT_NAMES_H_

#include <string_view>

#include "bindings/event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// An event by name:
//   cycles, instructions, page-faults, cs...   hardware and software
//   L1-dcache-load-misses, LLC-stores...       cache
//   r01a8                                      raw
//   mem:0x1000[/LENGTH][:rwx]                  breakpoint
//   cpu/event=0x3c,umask=1/, msr/tsc/          any PMU of sysfs
//   sched:sched_switch                         tracepoint
//   skl::INST_RETIRED:ANY, or any other name   libpfm4, where it is installed
// each with modifiers behind a colon (PMUs: behind the slash): u user, k
// kernel, h hypervisor, G guest, H host, p precise (up to three), D pinned, e
// exclusive, I not idle.
// Throws std::invalid_argument, naming the event, where none of these is it.
EventAttr parse_event(std::string_view name, Kernel& kernel = Kernel::real());

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_EVENT_NAMES_H_
