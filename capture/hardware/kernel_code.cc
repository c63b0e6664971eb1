// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/kernel_code.h"

#include <sys/mman.h>

#include <fstream>
#include <iterator>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

constexpr const char* kNotes = "/sys/kernel/notes";
constexpr uint64_t kLongestProgram = 1 << 20;  // of BPF

std::vector<uint8_t> kernel_build_id() {
  std::ifstream file(kNotes, std::ios::binary);
  return build_id_in_notes(
      {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

}  // namespace

void KernelCode::record_existing() {
  try {
    kcore_.emplace();
  } catch (const CaptureError& error) {
    missing_ = error.what();
    return;
  }
  std::ifstream kallsyms("/proc/kallsyms");
  const std::vector<KernelRange> ranges = read_kernel_ranges(kallsyms);
  if (ranges.empty()) {
    missing_ =
        "/proc/kallsyms hides where the kernel is\n  sudo sysctl "
        "kernel.kptr_restrict=1";
    return;
  }
  const std::vector<uint8_t> build_id = kernel_build_id();
  for (const KernelRange& range : ranges) {
    const bool kernel = range.name.starts_with("[kernel.");
    record(range, kernel ? build_id : std::vector<uint8_t>());
  }
}

void KernelCode::record(const KernelRange& range,
                        const std::vector<uint8_t>& build_id) {
  std::vector<uint8_t> bytes =
      kcore_->read(range.begin, range.end - range.begin);
  // Not mapped, or never written: it is read as zeros.
  while (!bytes.empty() && bytes.back() == 0) bytes.pop_back();
  if (bytes.empty()) {
    missing_ = "/proc/kcore has nothing of " + range.name;
    return;
  }
  recorder_.kernel_mmap2(range.begin, bytes.size(), range.name, build_id, 0);
  recorder_.code(Recorder::kEveryProcess, range.begin, bytes, range.name, 0);
}

void KernelCode::note(const formats::KsymbolRecord& record, uint64_t time_ns) {
  const bool gone = (record.flags & abi::bits(abi::KsymbolFlag::kUnregister));
  if (gone || !kcore_ || record.length > kLongestProgram) return;
  const std::vector<uint8_t> bytes =
      kcore_->read(record.address, record.length);
  if (bytes.empty()) return;
  recorder_.code(Recorder::kEveryProcess, record.address, bytes,
                 "[" + std::string(record.name) + "]", time_ns);
}

void KernelCode::note(const formats::TextPokeRecord& record, uint64_t time_ns) {
  if (record.new_bytes.empty()) return;
  recorder_.code(Recorder::kEveryProcess, record.address, record.new_bytes,
                 "[text_poke]", time_ns);
}

}  // namespace ptcap::capture
