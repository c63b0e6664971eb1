// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What this kernel can do: by its version, and by asking it.

#ifndef PTCAP_BINDINGS_FEATURES_H_
#define PTCAP_BINDINGS_FEATURES_H_

#include <optional>
#include <string>
#include <vector>

#include "bindings/abi/attr_fields.h"
#include "bindings/event_attr.h"
#include "bindings/kernel.h"

namespace ptcap::bindings {

// Of the running kernel, from /proc/sys/kernel/osrelease; nullopt if that is
// not readable. Distributions backport: a feature may be there before its
// version.
std::optional<abi::KernelVersion> running_kernel(Kernel& kernel);

// Bytes of perf_event_attr that the kernel knows: what it writes back for an
// attr that is too large. nullopt where perf refuses for another reason first.
std::optional<uint32_t> kernel_attr_size(Kernel& kernel = Kernel::real());

// Whether this kernel takes the field or bit, tried out on an event of this
// thread that is closed again at once. Names as abi::for_each_request() has
// them: "inherit_thread", "PERF_SAMPLE_CGROUP", "PERF_FORMAT_LOST". nullopt
// where the name is not known, or perf cannot be opened at all.
std::optional<bool> supports(std::string_view name,
                             Kernel& kernel = Kernel::real());

// Of what the attr asks for, that without which the kernel would take it:
// found by leaving out one at a time. Opens events (disabled) on `pid` and
// `cpu` as the attr would.
std::vector<abi::AttrRequest> refused_requests(const EventAttr& attr, pid_t pid,
                                               int cpu, Kernel& kernel);

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_FEATURES_H_
