// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/record_builder.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace ptcap::formats {

using abi::BranchSampleType;
using abi::ReadFormat;
using abi::RecordMisc;
using abi::RecordType;
using abi::SampleType;

namespace {

constexpr size_t kMaxRecordSize = 0xfff8;  // u16, a multiple of 8

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<uint8_t>& out)
      : out_(out), begin_(out.size()) {}

  template <typename T>
  void put(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof(T));
  }
  template <typename... T>
  void put_all(T... values) {
    (put(values), ...);
  }
  void bytes(Bytes bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void string(std::string_view text) {
    out_.insert(out_.end(), text.begin(), text.end());
    out_.push_back(0);
    align();
  }
  void zeros(size_t count) { out_.insert(out_.end(), count, 0); }
  void align() { zeros(-size() & 7); }

  size_t size() const { return out_.size() - begin_; }

 private:
  std::vector<uint8_t>& out_;
  size_t begin_;
};

// One overload of body() for each kind: the kind and the fields.
class BodyWriter {
 public:
  BodyWriter(ByteWriter& out, const RecordFormat& format)
      : out_(out), format_(format) {}

  uint32_t operator()(const UnknownRecord& r) {
    out_.bytes(r.payload);
    return r.type;
  }
  RecordType operator()(const MmapRecord& r) {
    out_.put_all(r.pid, r.tid, r.address, r.length, r.file_offset);
    out_.string(r.filename);
    return RecordType::kMmap;
  }
  RecordType operator()(const LostRecord& r) {
    out_.put_all(r.id, r.lost);
    return RecordType::kLost;
  }
  RecordType operator()(const CommRecord& r) {
    out_.put_all(r.pid, r.tid);
    out_.string(r.comm);
    return RecordType::kComm;
  }
  RecordType operator()(const ExitRecord& r) {
    task(r);
    return RecordType::kExit;
  }
  RecordType operator()(const ThrottleRecord& r) {
    out_.put_all(r.time, r.id, r.stream_id);
    return RecordType::kThrottle;
  }
  RecordType operator()(const UnthrottleRecord& r) {
    out_.put_all(r.time, r.id, r.stream_id);
    return RecordType::kUnthrottle;
  }
  RecordType operator()(const ForkRecord& r) {
    task(r);
    return RecordType::kFork;
  }
  RecordType operator()(const ReadRecord& r) {
    out_.put_all(r.pid, r.tid);
    read_values(r.values);
    return RecordType::kRead;
  }
  RecordType operator()(const Sample& s) {
    identity(s);
    arrays(s);
    state(s);
    return RecordType::kSample;
  }
  RecordType operator()(const Mmap2Record& r) {
    out_.put_all(r.pid, r.tid, r.address, r.length, r.file_offset);
    if (r.build_id) {
      Bytes id = r.build_id->first(
          std::min(r.build_id->size(), Mmap2Record::kMaxBuildId));
      out_.put(static_cast<uint8_t>(id.size()));
      out_.zeros(1 + 2);
      out_.bytes(id);
      out_.zeros(Mmap2Record::kMaxBuildId - id.size());
    } else {
      out_.put_all(r.device_major, r.device_minor, r.inode, r.inode_generation);
    }
    out_.put_all(r.protection, r.flags);
    out_.string(r.filename);
    return RecordType::kMmap2;
  }
  RecordType operator()(const AuxRecord& r) {
    out_.put_all(r.aux_offset, r.aux_size, r.flags);
    return RecordType::kAux;
  }
  RecordType operator()(const ItraceStartRecord& r) {
    out_.put_all(r.pid, r.tid);
    return RecordType::kItraceStart;
  }
  RecordType operator()(const LostSamplesRecord& r) {
    out_.put(r.lost);
    return RecordType::kLostSamples;
  }
  RecordType operator()(const SwitchRecord&) { return RecordType::kSwitch; }
  RecordType operator()(const SwitchCpuWideRecord& r) {
    out_.put_all(r.next_prev_pid, r.next_prev_tid);
    return RecordType::kSwitchCpuWide;
  }
  RecordType operator()(const NamespacesRecord& r) {
    out_.put_all(r.pid, r.tid, uint64_t{r.links.size()});
    out_.bytes(r.links.bytes());
    return RecordType::kNamespaces;
  }
  RecordType operator()(const KsymbolRecord& r) {
    out_.put_all(r.address, r.length, r.type, r.flags);
    out_.string(r.name);
    return RecordType::kKsymbol;
  }
  RecordType operator()(const BpfEventRecord& r) {
    out_.put_all(r.type, r.flags, r.id, r.tag);
    return RecordType::kBpfEvent;
  }
  RecordType operator()(const CgroupRecord& r) {
    out_.put(r.id);
    out_.string(r.path);
    return RecordType::kCgroup;
  }
  RecordType operator()(const TextPokeRecord& r) {
    out_.put_all(r.address, static_cast<uint16_t>(r.old_bytes.size()),
                 static_cast<uint16_t>(r.new_bytes.size()));
    out_.bytes(r.old_bytes);
    out_.bytes(r.new_bytes);
    out_.align();
    return RecordType::kTextPoke;
  }
  RecordType operator()(const AuxOutputHwIdRecord& r) {
    out_.put(r.hw_id);
    return RecordType::kAuxOutputHwId;
  }
  RecordType operator()(const CallchainDeferredRecord& r) {
    out_.put_all(r.cookie, uint64_t{r.ips.size()});
    out_.bytes(r.ips.bytes());
    return RecordType::kCallchainDeferred;
  }

  UserRecordType operator()(const HeaderAttrRecord& r) {
    Bytes attr(reinterpret_cast<const uint8_t*>(&r.attr),
               std::min<size_t>(r.attr.size, sizeof(r.attr)));
    out_.bytes(attr);
    out_.zeros(r.attr.size - attr.size());
    out_.bytes(r.ids.bytes());
    return UserRecordType::kHeaderAttr;
  }
  UserRecordType operator()(const TracingDataRecord& r) {
    out_.put_all(r.size, uint32_t{0});
    return UserRecordType::kHeaderTracingData;
  }
  UserRecordType operator()(const BuildIdRecord& r) {
    Bytes id =
        r.build_id.first(std::min(r.build_id.size(), Mmap2Record::kMaxBuildId));
    out_.put(r.pid);
    out_.bytes(id);
    out_.zeros(Mmap2Record::kMaxBuildId - id.size());
    out_.put(static_cast<uint8_t>(id.size()));
    out_.zeros(1 + 2);
    out_.string(r.filename);
    return UserRecordType::kHeaderBuildId;
  }
  UserRecordType operator()(const FinishedRoundRecord&) {
    return UserRecordType::kFinishedRound;
  }
  UserRecordType operator()(const FinishedInitRecord&) {
    return UserRecordType::kFinishedInit;
  }
  UserRecordType operator()(const IdIndexRecord& r) {
    out_.put(uint64_t{r.entries.size()});
    out_.bytes(r.entries.bytes());
    out_.bytes(r.guests.bytes());
    return UserRecordType::kIdIndex;
  }
  UserRecordType operator()(const AuxtraceInfoRecord& r) {
    out_.put_all(r.type, uint32_t{0});
    out_.bytes(r.priv.bytes());
    return UserRecordType::kAuxtraceInfo;
  }
  UserRecordType operator()(const AuxtraceRecord& r) {
    out_.put_all(r.size, r.offset, r.reference, r.idx, r.tid, r.cpu,
                 uint32_t{0});
    return UserRecordType::kAuxtrace;
  }
  UserRecordType operator()(const AuxtraceErrorRecord& r) {
    constexpr size_t kMessageSize = 64;
    out_.put_all(r.type, r.code, r.cpu, r.pid, r.tid, r.format, r.ip);
    if (r.format) out_.put(r.time);
    std::string_view text = r.message.substr(0, kMessageSize - 1);
    out_.bytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    out_.zeros(kMessageSize - text.size());
    if (r.format >= 2) out_.put_all(r.machine_pid, r.vcpu);
    return UserRecordType::kAuxtraceError;
  }
  UserRecordType operator()(const ThreadMapRecord& r) {
    out_.put(uint64_t{r.threads.size()});
    out_.bytes(r.threads.bytes());
    return UserRecordType::kThreadMap;
  }
  UserRecordType operator()(const CpuMapRecord& r) {
    out_.put(r.type);
    out_.bytes(r.data);
    return UserRecordType::kCpuMap;
  }
  UserRecordType operator()(const StatConfigRecord& r) {
    out_.put(uint64_t{r.entries.size()});
    out_.bytes(r.entries.bytes());
    return UserRecordType::kStatConfig;
  }
  UserRecordType operator()(const StatRecord& r) {
    out_.put_all(r.id, r.cpu, r.thread, r.value, r.time_enabled,
                 r.time_running);
    return UserRecordType::kStat;
  }
  UserRecordType operator()(const StatRoundRecord& r) {
    out_.put_all(r.type, r.time);
    return UserRecordType::kStatRound;
  }
  UserRecordType operator()(const EventUpdateRecord& r) {
    out_.put_all(r.type, r.id);
    out_.bytes(r.data);
    return UserRecordType::kEventUpdate;
  }
  UserRecordType operator()(const TimeConvRecord& r) {
    out_.put_all(r.time_shift, r.time_mult, r.time_zero, r.time_cycles,
                 r.time_mask, uint8_t{r.cap_user_time_zero},
                 uint8_t{r.cap_user_time_short});
    out_.zeros(6);
    return UserRecordType::kTimeConv;
  }
  UserRecordType operator()(const HeaderFeatureRecord& r) {
    out_.put(r.feature);
    out_.bytes(r.data);
    return UserRecordType::kHeaderFeature;
  }
  UserRecordType operator()(const CompressedRecord& r) {
    out_.bytes(r.data);
    return UserRecordType::kCompressed;
  }
  UserRecordType operator()(const Compressed2Record& r) {
    out_.put(uint64_t{r.data.size()});
    out_.bytes(r.data);
    out_.align();
    return UserRecordType::kCompressed2;
  }

  void sample_id(const SampleId& id) {
    if (!format_.sample_id_all) return;
    if (wants(SampleType::kTid)) out_.put_all(id.pid, id.tid);
    if (wants(SampleType::kTime)) out_.put(id.time);
    if (wants(SampleType::kId)) out_.put(id.id);
    if (wants(SampleType::kStreamId)) out_.put(id.stream_id);
    if (wants(SampleType::kCpu)) out_.put_all(id.cpu, uint32_t{0});
    if (wants(SampleType::kIdentifier)) out_.put(id.id);
  }

 private:
  bool wants(SampleType field) const { return has(format_.sample_type, field); }
  void put_if(SampleType field, uint64_t value) {
    if (wants(field)) out_.put(value);
  }

  void task(const TaskRecord& r) {
    out_.put_all(r.pid, r.parent_pid, r.tid, r.parent_tid, r.time);
  }

  void read_values(const ReadValues& values) {
    bool group = has(format_.read_format, ReadFormat::kGroup);
    out_.put(group ? uint64_t{values.size()} : values[0].value);
    if (has(format_.read_format, ReadFormat::kTotalTimeEnabled))
      out_.put(values.time_enabled.value_or(0));
    if (has(format_.read_format, ReadFormat::kTotalTimeRunning))
      out_.put(values.time_running.value_or(0));
    for (size_t i = 0; i < values.size(); ++i) {
      CounterValue counter = values[i];
      if (group) out_.put(counter.value);
      if (has(format_.read_format, ReadFormat::kId))
        out_.put(counter.id.value_or(0));
      if (has(format_.read_format, ReadFormat::kLost))
        out_.put(counter.lost.value_or(0));
    }
  }

  void registers(const SampleRegisters& registers) {
    out_.put(registers.abi);
    if (registers.abi != abi::RegsAbi::kNone)
      out_.bytes(registers.values.bytes());
  }

  void identity(const Sample& s) {
    put_if(SampleType::kIdentifier, s.identifier);
    put_if(SampleType::kIp, s.ip);
    if (wants(SampleType::kTid)) out_.put_all(s.pid, s.tid);
    put_if(SampleType::kTime, s.time);
    put_if(SampleType::kAddr, s.addr);
    put_if(SampleType::kId, s.id);
    put_if(SampleType::kStreamId, s.stream_id);
    if (wants(SampleType::kCpu)) out_.put_all(s.cpu, uint32_t{0});
    put_if(SampleType::kPeriod, s.period);
  }

  void arrays(const Sample& s) {
    if (wants(SampleType::kRead)) read_values(s.read);
    if (wants(SampleType::kCallchain)) {
      out_.put(uint64_t{s.callchain.size()});
      out_.bytes(s.callchain.bytes());
    }
    if (wants(SampleType::kRaw)) {
      // The kernel pads so that size and data together end on 8 bytes.
      size_t padding = -(sizeof(uint32_t) + s.raw.size()) & 7;
      out_.put(static_cast<uint32_t>(s.raw.size() + padding));
      out_.bytes(s.raw);
      out_.zeros(padding);
    }
    if (wants(SampleType::kBranchStack)) branches(s.branches);
  }

  void branches(const SampleBranches& branches) {
    out_.put(uint64_t{branches.entries.size()});
    if (has(format_.branch_sample_type, BranchSampleType::kHwIndex))
      out_.put(branches.hw_index.value_or(~uint64_t{0}));
    out_.bytes(branches.entries.bytes());
    if (has(format_.branch_sample_type, BranchSampleType::kCounters))
      out_.bytes(branches.counters.bytes());
  }

  void state(const Sample& s) {
    if (wants(SampleType::kRegsUser)) registers(s.user_registers);
    if (wants(SampleType::kStackUser)) {
      out_.put(uint64_t{s.user_stack.bytes.size()});
      out_.bytes(s.user_stack.bytes);
      if (!s.user_stack.bytes.empty()) out_.put(s.user_stack.dynamic_size);
    }
    if (wants(SampleType::kWeight) || wants(SampleType::kWeightStruct))
      out_.put(s.weight.full);
    put_if(SampleType::kDataSrc, s.data_source.val);
    put_if(SampleType::kTransaction, s.transaction);
    if (wants(SampleType::kRegsIntr)) registers(s.interrupt_registers);
    put_if(SampleType::kPhysAddr, s.physical_address);
    put_if(SampleType::kCgroup, s.cgroup);
    put_if(SampleType::kDataPageSize, s.data_page_size);
    put_if(SampleType::kCodePageSize, s.code_page_size);
    if (wants(SampleType::kAux)) {
      out_.put(uint64_t{s.aux.size()});
      out_.bytes(s.aux);
    }
  }

  ByteWriter& out_;
  const RecordFormat& format_;
};

uint16_t own_misc(const RecordBody& body) {
  const auto* mmap2 = std::get_if<Mmap2Record>(&body);
  if (mmap2 && mmap2->build_id) return bits(RecordMisc::kMmapBuildId);
  constexpr uint16_t kMiscBuildIdSize = 1 << 15;
  if (std::holds_alternative<BuildIdRecord>(body)) return kMiscBuildIdSize;
  return 0;
}

}  // namespace

void RecordBuilder::append(std::vector<uint8_t>& out, const RecordBody& body,
                           const SampleId& id, uint16_t misc) const {
  const size_t begin = out.size();
  abi::perf_event_header header = {};
  header.misc = misc | own_misc(body);
  ByteWriter bytes(out);
  bytes.put(header);
  BodyWriter writer(bytes, format_);
  header.type = std::visit(
      [&](const auto& kind) { return static_cast<uint32_t>(writer(kind)); },
      body);
  bytes.align();
  if (header.type < Record::kFirstUserType &&
      !std::holds_alternative<Sample>(body) &&
      !std::holds_alternative<UnknownRecord>(body))
    writer.sample_id(id);

  if (bytes.size() > kMaxRecordSize) {
    size_t size = bytes.size();
    out.resize(begin);
    throw std::length_error(std::string(record_type_name(header.type)) +
                            " record of " + std::to_string(size) +
                            " bytes: 65528 is the most");
  }
  header.size = static_cast<uint16_t>(bytes.size());
  std::memcpy(out.data() + begin, &header, sizeof(header));
}

void append_header_attr(std::vector<uint8_t>& out, abi::perf_event_attr attr,
                        std::span<const uint64_t> ids) {
  attr.size = abi::required_size(attr);
  RecordBuilder().append(out, HeaderAttrRecord{attr, ids});
}

void append_id_index(std::vector<uint8_t>& out,
                     std::span<const IdIndexEntry> entries) {
  constexpr size_t kMaxEntries =
      (kMaxRecordSize - sizeof(abi::perf_event_header) - sizeof(uint64_t)) /
      sizeof(IdIndexEntry);
  do {
    auto part = entries.first(std::min(entries.size(), kMaxEntries));
    RecordBuilder().append(out, IdIndexRecord{part, {}});
    entries = entries.subspan(part.size());
  } while (!entries.empty());
}

void append_pipe_header(std::vector<uint8_t>& out) {
  constexpr std::string_view kMagic = "PERFILE2";
  ByteWriter writer(out);
  out.insert(out.end(), kMagic.begin(), kMagic.end());
  writer.put(uint64_t{kPipeHeaderSize});
}

}  // namespace ptcap::formats
