// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// tools/perf/util/event.c and session.c of Linux 6.1 have the formats.

#include "tests/bindings/perf_dump.h"

#include <sys/mman.h>

#include <cinttypes>
#include <cstdarg>
#include <cstdio>

#include "bindings/abi/register_constants.h"

namespace ptcap::bindings {
namespace {

using abi::AuxFlag;
using abi::ReadFormat;
using abi::RecordMisc;
using abi::SampleType;
using formats::Record;
using formats::Sample;

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char buffer[8192];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof(buffer), format, arguments);
  va_end(arguments);
  return buffer;
}

std::string string(std::string_view view) { return std::string(view); }

class Dump {
 public:
  Dump(const Record& record, const formats::RecordFormat& format)
      : record_(record), format_(format) {}

  // Of a kind that is not dumped: empty.
  template <typename Body>
  std::string operator()(const Body&) const {
    return "";
  }

  std::string operator()(const formats::CommRecord& r) const {
    return text("%s: %s:%u/%u\n",
                record_.has(RecordMisc::kCommExec) ? " exec" : "",
                string(r.comm).c_str(), r.pid, r.tid);
  }
  std::string operator()(const formats::ForkRecord& r) const { return task(r); }
  std::string operator()(const formats::ExitRecord& r) const { return task(r); }

  std::string operator()(const formats::Mmap2Record& r) const {
    std::string file;
    if (r.build_id) {
      file = "<";
      for (uint8_t byte : *r.build_id) file += text("%02x", byte);
      file += ">";
    } else {
      file = text("%02x:%02x %" PRIu64 " %" PRIu64, r.device_major,
                  r.device_minor, r.inode, r.inode_generation);
    }
    return text(
        " %d/%u: [%#" PRIx64 "(%#" PRIx64 ") @ %#" PRIx64 " %s]: %c%c%c%c %s\n",
        static_cast<int>(r.pid), r.tid, r.address, r.length, r.file_offset,
        file.c_str(), r.protection & PROT_READ ? 'r' : '-',
        r.protection & PROT_WRITE ? 'w' : '-',
        r.protection & PROT_EXEC ? 'x' : '-', r.flags & MAP_SHARED ? 's' : 'p',
        string(r.filename).c_str());
  }
  std::string operator()(const formats::MmapRecord& r) const {
    return text(" %d/%u: [%#" PRIx64 "(%#" PRIx64 ") @ %#" PRIx64 "]: %c %s\n",
                static_cast<int>(r.pid), r.tid, r.address, r.length,
                r.file_offset, record_.has(RecordMisc::kMmapData) ? 'r' : 'x',
                string(r.filename).c_str());
  }
  std::string operator()(const formats::LostRecord& r) const {
    return text(": id:%" PRIu64 ": lost:%" PRIu64 "\n", r.id, r.lost);
  }
  std::string operator()(const formats::LostSamplesRecord& r) const {
    const formats::SampleId& id = record_.sample_id;
    const bool has_id =
        id.has(SampleType::kId) || id.has(SampleType::kIdentifier);
    return text(": id:%" PRIu64 ": lost samples :%" PRIu64 "\n",
                has_id ? id.id : ~uint64_t{0}, r.lost);
  }
  std::string operator()(const formats::ReadRecord& r) const {
    const formats::CounterValue counter = r.values[0];
    return text(": %u %u %" PRIu64 "\n", r.pid, r.tid, counter.value) +
           line("time enabled", r.values.time_enabled) +
           line("time running", r.values.time_running) +
           line("id          ", counter.id) +
           line("lost        ", counter.lost);
  }
  std::string operator()(const formats::AuxRecord& r) const {
    return text(" offset: %#" PRIx64 " size: %#" PRIx64 " flags: %#" PRIx64
                " [%s%s%s]\n",
                r.aux_offset, r.aux_size, r.flags,
                has(r.flags, AuxFlag::kTruncated) ? "T" : "",
                has(r.flags, AuxFlag::kOverwrite) ? "O" : "",
                has(r.flags, AuxFlag::kPartial) ? "P" : "");
  }
  std::string operator()(const formats::ItraceStartRecord& r) const {
    return text(" pid: %u tid: %u\n", r.pid, r.tid);
  }
  std::string operator()(const formats::SwitchRecord&) const {
    return std::string(" ") + direction() + "\n";
  }
  std::string operator()(const formats::SwitchCpuWideRecord& r) const {
    return text(" %s  %s pid/tid: %5u/%-5u\n", direction(),
                record_.has(RecordMisc::kSwitchOut) ? "next" : "prev",
                r.next_prev_pid, r.next_prev_tid);
  }
  std::string operator()(const formats::NamespacesRecord& r) const {
    constexpr const char* kNames[] = {"net",  "uts", "ipc",   "pid",
                                      "user", "mnt", "cgroup"};
    const size_t count = r.links.size();
    std::string out =
        text(" %u/%u - nr_namespaces: %zu\n\t\t[", r.pid, r.tid, count);
    for (size_t i = 0; i < count; ++i)
      out +=
          text("%s%zu/%s: %" PRIu64 "/%#" PRIx64 "%s",
               i && i % 4 == 0 ? "\n\t\t " : "", i, kNames[i], r.links[i].dev,
               r.links[i].ino, i + 1 == count ? "]\n" : ", ");
    return out;
  }
  std::string operator()(const formats::KsymbolRecord& r) const {
    return text(" addr %" PRIx64 " len %u type %u flags 0x%x name %s\n",
                r.address, r.length, r.type, r.flags, string(r.name).c_str());
  }
  std::string operator()(const formats::BpfEventRecord& r) const {
    return text(" type %u, flags %u, id %u\n", r.type, r.flags, r.id);
  }
  std::string operator()(const formats::CgroupRecord& r) const {
    return text(" cgroup: %" PRIu64 " %s\n", r.id, string(r.path).c_str());
  }

  std::string operator()(const Sample& s) const {
    std::string out =
        text("(IP, 0x%x): %u/%u: %#" PRIx64 " period: %" PRIu64
             " addr: %#" PRIx64 "\n",
             record_.header.misc, s.pid, s.tid, s.ip, s.period, s.addr);
    if (s.has(SampleType::kCallchain)) out += call_chain(s);
    if (s.has(SampleType::kBranchStack)) out += branch_stack(s);
    if (s.has(SampleType::kRegsUser))
      out += registers("user", s.user_registers);
    if (s.has(SampleType::kRegsIntr))
      out += registers("intr", s.interrupt_registers);
    if (s.has(SampleType::kStackUser)) out += user_stack(s);
    return out + memory(s) + counters(s);
  }

 private:
  static std::string line(const char* what, std::optional<uint64_t> value) {
    return value ? text("... %s : %" PRIu64 "\n", what, *value) : "";
  }
  static std::string task(const formats::TaskRecord& r) {
    return text("(%u:%u):(%u:%u)\n", r.pid, r.tid, r.parent_pid, r.parent_tid);
  }
  const char* direction() const {
    if (!record_.has(RecordMisc::kSwitchOut)) return "IN         ";
    return record_.has(RecordMisc::kSwitchOutPreempt) ? "OUT preempt"
                                                      : "OUT        ";
  }

  static std::string call_chain(const Sample& s) {
    std::string out = text("... FP chain: nr:%zu\n", s.callchain.size());
    for (size_t i = 0; i < s.callchain.size(); ++i)
      out += text("..... %2zu: %016" PRIx64 "\n", i, s.callchain[i]);
    return out;
  }
  static std::string branch_stack(const Sample& s) {
    std::string out =
        text("... branch stack: nr:%zu\n", s.branches.entries.size());
    for (size_t i = 0; i < s.branches.entries.size(); ++i) {
      const abi::perf_branch_entry e = s.branches.entries[i];
      out += text("..... %2zu: %016" PRIx64 " -> %016" PRIx64
                  " %hu cycles %s%s%s%s %x \n",
                  i, e.from, e.to, static_cast<uint16_t>(e.cycles),
                  e.mispred ? "M" : " ", e.predicted ? "P" : " ",
                  e.abort ? "A" : " ", e.in_tx ? "T" : " ",
                  static_cast<unsigned>(e.reserved));
    }
    return out;
  }
  static std::string registers(const char* which,
                               const formats::SampleRegisters& r) {
    const char* abi = r.abi == abi::RegsAbi::k64   ? "64-bit"
                      : r.abi == abi::RegsAbi::k32 ? "32-bit"
                                                   : "none";
    std::string out =
        text("... %s regs: mask 0x%" PRIx64 " ABI %s\n", which, r.mask, abi);
    for (const auto& entry : abi::entries<abi::X86Register>()) {
      const auto value = r[entry.value];
      if (!value) continue;
      const std::string name(
          string(entry.name).substr(std::string_view("PERF_REG_X86_").size()));
      out += text(".... %-5s 0x%016" PRIx64 "\n", name.c_str(), *value);
    }
    return out;
  }
  // The offset is that of the size, in front of the copied bytes.
  std::string user_stack(const Sample& s) const {
    constexpr ptrdiff_t kSizeWord = 8;
    return text("... ustack: size %" PRIu64 ", offset 0x%tx\n",
                s.user_stack.dynamic_size,
                s.user_stack.bytes.data() - kSizeWord - begin());
  }
  const uint8_t* begin() const {
    return record_.extra.data() + record_.extra.size() - record_.header.size;
  }

  static std::string page_size(uint64_t size) {
    if (!size) return "N/A";
    const char* units[] = {"", "K", "M", "G"};
    size_t unit = 0;
    for (; size >= 1024 && unit < 3; ++unit) size /= 1024;
    return text("%" PRIu64 "%s", size, units[unit]);
  }
  static std::string memory(const Sample& s) {
    std::string out;
    if (s.has(SampleType::kWeight))
      out += text("... weight: %" PRIu64 ",0x0,0x0\n", s.weight.full);
    if (s.has(SampleType::kWeightStruct))
      out += text("... weight: %u,0x%x,0x%x\n", s.weight.parts.var1_dw,
                  s.weight.parts.var2_w, s.weight.parts.var3_w);
    if (s.has(SampleType::kDataSrc))
      out += text(" . data_src: 0x%" PRIx64 "\n", s.data_source.val);
    if (s.has(SampleType::kPhysAddr))
      out += text(" .. phys_addr: 0x%" PRIx64 "\n", s.physical_address);
    if (s.has(SampleType::kDataPageSize))
      out += " .. data page size: " + page_size(s.data_page_size) + "\n";
    if (s.has(SampleType::kCodePageSize))
      out += " .. code page size: " + page_size(s.code_page_size) + "\n";
    if (s.has(SampleType::kTransaction))
      out += text("... transaction: %" PRIx64 "\n", s.transaction);
    return out;
  }

  std::string counters(const Sample& s) const {
    if (!s.has(SampleType::kRead)) return "";
    std::string out = "... sample_read:\n";
    if (s.read.time_enabled)
      out += text("...... time enabled %016" PRIx64 "\n", *s.read.time_enabled);
    if (s.read.time_running)
      out += text("...... time running %016" PRIx64 "\n", *s.read.time_running);
    const bool group = has(format_.read_format, ReadFormat::kGroup);
    if (group) out += text(".... group nr %zu\n", s.read.size());
    for (size_t i = 0; i < s.read.size(); ++i) {
      const formats::CounterValue counter = s.read[i];
      out += text("..... id %016" PRIx64 ", value %016" PRIx64,
                  counter.id.value_or(0), counter.value);
      if (counter.lost) out += text(", lost %" PRIu64, *counter.lost);
      out += "\n";
    }
    return out;
  }

  const Record& record_;
  const formats::RecordFormat& format_;
};

}  // namespace

std::string perf_dump(const formats::Record& record,
                      const formats::RecordFormat& format) {
  const std::string body = std::visit(Dump(record, format), record.body);
  if (body.empty()) return "";
  std::string out;
  const formats::SampleId& id = record.sample_id;
  if (has(format.sample_type, SampleType::kCpu)) out += text("%u ", id.cpu);
  if (has(format.sample_type, SampleType::kTime))
    out += text("%" PRIu64 " ", id.time);
  return out +
         text("%#" PRIx64 " [%#x]: %s", record.offset, record.header.size,
              string(formats::record_type_name(record.header.type)).c_str()) +
         body;
}

}  // namespace ptcap::bindings
