// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Records of what the kernel changes of its own code, on all CPUs.

#ifndef PTCAP_CAPTURE_HARDWARE_KERNEL_CHANGES_H_
#define PTCAP_CAPTURE_HARDWARE_KERNEL_CHANGES_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "bindings/data_ring.h"
#include "bindings/event.h"
#include "formats/io/byte_reader.h"

namespace ptcap::capture {

// With rings of their own: those of tasks take no events of whole CPUs. Not
// movable: rings point to events.
class KernelChanges {
 public:
  // Opens and enables an event on each CPU. Leaves out of `attr` what this
  // kernel does not have. Throws PerfError.
  KernelChanges(bindings::EventAttr& attr, const std::vector<int>& cpus);
  KernelChanges(const KernelChanges&) = delete;

  // Each record since the last time, whole.
  void drain(const std::function<void(formats::Bytes record)>& visit);

  std::vector<uint64_t> ids() const;
  const std::string& left_out() const { return left_out_; }

 private:
  std::string left_out_;
  std::deque<bindings::Event> events_;
  std::deque<bindings::DataRing> rings_;
  std::vector<uint8_t> scratch_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_KERNEL_CHANGES_H_
