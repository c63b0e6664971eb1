// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the kernel's code stands, and its bytes: /proc/kallsyms and
// /proc/kcore.

#ifndef PTCAP_CAPTURE_HARDWARE_KERNEL_LAYOUT_H_
#define PTCAP_CAPTURE_HARDWARE_KERNEL_LAYOUT_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "formats/io/unique_fd.h"

namespace ptcap::capture {

struct KernelRange {
  uint64_t begin = 0, end = 0;
  std::string name;  // "[kernel.kallsyms]_text", "[nf_tables]", "[bpf]"

  bool operator==(const KernelRange&) const = default;
};

// From the text of /proc/kallsyms: the kernel's own code, and of each module,
// of BPF programs and of trampolines as far as there are symbols of functions.
// Sorted, without overlap. kallsyms does not say where the last function of a
// module ends: up to 16 KiB behind its begin are taken. Empty where addresses
// are hidden (all 0, kptr_restrict).
std::vector<KernelRange> read_kernel_ranges(std::istream& kallsyms);

// The kernel's memory as an ELF core file.
class Kcore {
 public:
  // Throws CaptureError with advice: only root may, and no lockdown.
  explicit Kcore(const std::string& path = "/proc/kcore");

  // What can be read of it, from the begin on.
  std::vector<uint8_t> read(uint64_t address, uint64_t size) const;

 private:
  struct Segment {
    uint64_t address = 0, size = 0, offset = 0;
  };
  formats::UniqueFd file_;
  std::vector<Segment> segments_;
};

// GNU build-id among ELF notes, as /sys/kernel/notes has them; else empty.
std::vector<uint8_t> build_id_in_notes(const std::vector<uint8_t>& notes);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_KERNEL_LAYOUT_H_
