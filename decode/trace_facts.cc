// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/trace_facts.h"

#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <variant>

#include "formats/io/error.h"
#include "formats/perf/header_feature.h"

namespace ptcap::decode {

namespace {

using formats::Record;

// Takes one record after the other.
class FactReader {
 public:
  explicit FactReader(TraceFacts& facts) : facts_(facts) {}

  void take(formats::Bytes bytes, uint64_t offset) {
    const Record record =
        parse_record(bytes, formats_.of_record(bytes), offset);
    ++facts_.record_counts[record.header.type];
    note_time(record);
    std::visit([&](const auto& body) { take(record, body); }, record.body);
  }

 private:
  // Kinds that say nothing to us.
  template <typename T>
  void take(const Record& /*record*/, const T& /*body*/) {}

  void take(const Record& /*record*/, const formats::HeaderAttrRecord& body) {
    formats_.add(body.attr, body.ids);
    for (const uint64_t id : body.ids) type_of_id_[id] = body.attr.type;
    attrs_.push_back(body.attr);
    if (body.attr.aux_output != 0) facts_.has_aux_output = true;
    find_pt_config();
  }

  void take(const Record& /*record*/, const formats::AuxtraceInfoRecord& body) {
    if (body.type == formats::AuxtraceType::kIntelBts) {
      facts_.has_bts = true;
      facts_.source = "intel_bts";
      facts_.pmu_type = formats::parse_intel_bts_info(body).pmu_type;
    }
    if (body.type != formats::AuxtraceType::kIntelPt) return;
    facts_.source = "intel_pt";
    facts_.pt = formats::parse_intel_pt_info(body);
    facts_.pmu_type = facts_.pt->pmu_type;
    if (facts_.pt->cap_user_time_zero != 0) {
      facts_.clock = {static_cast<uint16_t>(facts_.pt->time_shift),
                      static_cast<uint32_t>(facts_.pt->time_mult),
                      facts_.pt->time_zero};
    }
    find_pt_config();
  }

  // The software sources name the event of their packets.
  void take(const Record& /*record*/, const formats::EventUpdateRecord& body) {
    if (body.type != formats::kEventUpdateName || !facts_.pt) return;
    const auto type = type_of_id_.find(body.id);
    if (type == type_of_id_.end() || type->second != facts_.pt->pmu_type) {
      return;
    }
    const std::string_view name(reinterpret_cast<const char*>(body.data.data()),
                                body.data.size());
    if (name.starts_with("emu") || name.starts_with("step")) {
      facts_.source = name.substr(0, name.find('\0'));
    }
  }

  void take(const Record& /*record*/, const formats::TimeConvRecord& body) {
    facts_.clock = {static_cast<uint16_t>(body.time_shift),
                    static_cast<uint32_t>(body.time_mult), body.time_zero};
  }

  void take(const Record& /*record*/,
            const formats::HeaderFeatureRecord& body) {
    using formats::HeaderFeature;
    switch (body.feature) {
      case HeaderFeature::kHostname:
        facts_.hostname = formats::parse_string_feature(body.data);
        break;
      case HeaderFeature::kOsRelease:
        facts_.os_release = formats::parse_string_feature(body.data);
        break;
      case HeaderFeature::kArch:
        facts_.arch = formats::parse_string_feature(body.data);
        break;
      case HeaderFeature::kCpuDesc:
        facts_.cpu_description = formats::parse_string_feature(body.data);
        break;
      case HeaderFeature::kCpuId:
        facts_.cpuid = formats::parse_string_feature(body.data);
        break;
      case HeaderFeature::kCmdline:
        for (std::string_view word :
             formats::parse_cmdline_feature(body.data)) {
          facts_.command_line.emplace_back(word);
        }
        break;
      default:
        break;
    }
  }

  void take(const Record& record, const formats::CommRecord& body) {
    ThreadFacts& thread = facts_.threads[body.tid];
    thread.pid = body.pid;
    thread.comm = body.comm;
    if (!record.has(abi::RecordMisc::kCommExec)) return;
    add_event(record, ProcessEvent::Kind::kExec, body.pid, body.tid);
  }

  void take(const Record& record, const formats::ForkRecord& body) {
    ThreadFacts& thread = facts_.threads[body.tid];
    thread.pid = body.pid;
    if (thread.comm.empty()) {
      thread.comm = facts_.threads[body.parent_tid].comm;
    }
    if (body.pid == body.parent_pid) return;
    add_event(record, ProcessEvent::Kind::kFork, body.pid, body.tid)
        .parent_pid = body.parent_pid;
  }

  void take(const Record& record, const formats::ExitRecord& body) {
    if (body.pid == body.tid) {
      add_event(record, ProcessEvent::Kind::kExit, body.pid, body.tid);
    }
  }

  void take(const Record& record, const formats::ItraceStartRecord& body) {
    facts_.threads[body.tid].pid = body.pid;
    facts_.cpus[record.sample_id.cpu].switches.push_back(
        {record.sample_id.time, body.pid, body.tid, true});
  }

  void take(const Record& record, const formats::SwitchRecord& /*body*/) {
    add_switch(record, !record.has(abi::RecordMisc::kSwitchOut));
  }

  // Says of both threads what the other kind says of one.
  void take(const Record& record, const formats::SwitchCpuWideRecord& body) {
    const bool in = !record.has(abi::RecordMisc::kSwitchOut);
    add_switch(record, in);
    if (in) return;
    facts_.cpus[record.sample_id.cpu].switches.push_back(
        {record.sample_id.time, body.next_prev_pid, body.next_prev_tid, true});
  }

  // sched:sched_switch, for perf and kernels without SWITCH records. Its
  // fields have not moved since Linux 2.6.33.
  void take(const Record& record, const formats::Sample& sample) {
    constexpr size_t kPrevTid = 24;  // behind 8 bytes of all events, comm[16]
    constexpr size_t kNextTid = 56;  // behind prio, state (8 bytes), comm[16]
    if (!facts_.pt || facts_.pt->have_sched_switch != 1) return;
    if (sample.raw.size() < kNextTid + 4) return;
    const uint32_t prev =
        formats::ByteReader(sample.raw.subspan(kPrevTid)).u32();
    if (prev != sample.tid) return;  // another tracepoint
    const uint32_t next =
        formats::ByteReader(sample.raw.subspan(kNextTid)).u32();
    add_switch(record, false);
    facts_.cpus[sample.cpu].switches.push_back({sample.time, ~0u, next, true});
  }

  void take(const Record& /*record*/, const formats::IdIndexRecord& body) {
    for (const formats::IdIndexEntry& entry : body.entries) {
      const auto type = type_of_id_.find(entry.id);
      if (facts_.pmu_type && type != type_of_id_.end() &&
          type->second == *facts_.pmu_type) {
        facts_.follows_tasks = entry.tid != ~0ull;
      }
    }
  }

  void take(const Record& record, const formats::MmapRecord& body) {
    if (record.has(abi::RecordMisc::kMmapData)) return;
    add_map(record, body);
  }

  void take(const Record& record, const formats::Mmap2Record& body) {
    if ((body.protection & PROT_EXEC) == 0) return;
    ProcessEvent& event = add_map(record, body);
    if (body.build_id) {
      event.build_id.assign(body.build_id->begin(), body.build_id->end());
    }
  }

  void take(const Record& record, const formats::AuxRecord& body) {
    facts_.cpus[record.sample_id.cpu].owners.push_back(
        {body.aux_offset + body.aux_size, record.sample_id.pid,
         record.sample_id.tid, record.sample_id.time});
    if (!abi::has(body.flags, abi::AuxFlag::kTruncated)) return;
    facts_.losses.push_back({record.sample_id.tid, record.sample_id.cpu,
                             body.aux_offset + body.aux_size, body.flags});
  }

  void take(const Record& record, const formats::TextPokeRecord& body) {
    facts_.text_pokes.push_back(
        {record.sample_id.time,
         body.address,
         {body.old_bytes.begin(), body.old_bytes.end()},
         {body.new_bytes.begin(), body.new_bytes.end()}});
  }

  void take(const Record& record, const formats::KsymbolRecord& body) {
    if (abi::has(body.flags, abi::KsymbolFlag::kUnregister)) return;
    facts_.kernel_symbols.push_back({record.sample_id.time, body.address,
                                     body.length, std::string(body.name)});
  }

  void take(const Record& /*record*/, const formats::LostRecord& body) {
    facts_.lost_records += body.lost;
  }

  void take(const Record& /*record*/, const formats::LostSamplesRecord& body) {
    facts_.lost_records += body.lost;
  }

  void add_switch(const Record& record, bool in) {
    const formats::SampleId& id = record.sample_id;
    facts_.cpus[id.cpu].switches.push_back({id.time, id.pid, id.tid, in});
  }

  template <typename T>
  ProcessEvent& add_map(const Record& record, const T& body) {
    ProcessEvent& event =
        add_event(record, ProcessEvent::Kind::kMap, body.pid, body.tid);
    event.address = body.address;
    event.size = body.length;
    event.file_offset = body.file_offset;
    event.name = body.filename;
    event.kernel = record.cpu_mode() == abi::CpuMode::kKernel;
    return event;
  }

  ProcessEvent& add_event(const Record& record, ProcessEvent::Kind kind,
                          uint32_t pid, uint32_t tid) {
    ProcessEvent event;
    event.kind = kind;
    event.time_ns = record.sample_id.time;
    event.pid = pid;
    event.tid = tid;
    facts_.events.push_back(std::move(event));
    return facts_.events.back();
  }

  void note_time(const Record& record) {
    const uint64_t time = record.sample_id.time;
    if (!record.sample_id.has(abi::SampleType::kTime) || time == 0) return;
    if (!facts_.first_ns || time < *facts_.first_ns) facts_.first_ns = time;
    if (!facts_.last_ns || time > *facts_.last_ns) facts_.last_ns = time;
  }

  // The PT event is the one whose type is the PMU's.
  void find_pt_config() {
    if (!facts_.pt) return;
    for (const auto& attr : attrs_) {
      if (attr.type == facts_.pt->pmu_type) facts_.pt_config = attr.config;
    }
  }

  TraceFacts& facts_;
  formats::EventFormats formats_;
  std::vector<abi::perf_event_attr> attrs_;
  std::map<uint64_t, uint32_t> type_of_id_;
};

}  // namespace

bool TraceFacts::has_time() const {
  return pt && clock && (pt_config & pt->tsc_bit) != 0;
}

bool TraceFacts::has_foreign_packets() const {
  constexpr uint64_t kEventTrace = 1ull << 31;  // IA32_RTIT_CTL.EventEn
  return pt_config == 0 || (pt_config & kEventTrace) != 0 || has_aux_output;
}

TraceFacts read_facts(const formats::TraceReader& reader,
                      const std::string& path, formats::Reporter& reporter) {
  TraceFacts facts;
  FactReader fact_reader(facts);
  reader.for_each_record([&](formats::Bytes record, uint64_t offset) {
    try {
      fact_reader.take(record, offset);
    } catch (const formats::FormatError& error) {
      reporter.warn(path + ": record: " + error.what());
    }
  });
  std::stable_sort(facts.text_pokes.begin(), facts.text_pokes.end(),
                   [](const TextPoke& a, const TextPoke& b) {
                     return a.time_ns < b.time_ns;
                   });
  std::vector<std::vector<AuxOwner>*> owners;
  for (auto& [cpu, of_cpu] : facts.cpus) owners.push_back(&of_cpu.owners);
  number_visits(owners);
  std::stable_sort(facts.events.begin(), facts.events.end(),
                   [](const ProcessEvent& a, const ProcessEvent& b) {
                     return a.time_ns < b.time_ns;
                   });
  return facts;
}

std::optional<CpuModel> parse_cpuid(const std::string& text) {
  constexpr std::string_view kVendor = "GenuineIntel,";
  if (!text.starts_with(kVendor)) return std::nullopt;
  unsigned numbers[3] = {};
  const char* at = text.data() + kVendor.size();
  const char* end = text.data() + text.size();
  for (unsigned& number : numbers) {
    const auto result = std::from_chars(at, end, number);
    if (result.ec != std::errc()) return std::nullopt;
    at = result.ptr;
    if (at != end && *at == ',') ++at;
  }
  return CpuModel{static_cast<uint16_t>(numbers[0]),
                  static_cast<uint8_t>(numbers[1]),
                  static_cast<uint8_t>(numbers[2])};
}

}  // namespace ptcap::decode
