// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/recorder.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <map>
#include <system_error>
#include <unordered_set>

#include "bindings/abi/perf_event_attr.h"
#include "capture/error.h"
#include "capture/host_info.h"
#include "capture/message.h"
#include "capture/output.h"
#include "capture/version.h"
#include "formats/elf/elf_file.h"
#include "formats/io/error.h"
#include "formats/io/output_file.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"

namespace ptcap::capture {
namespace {

using formats::Bytes;

constexpr uint64_t kFlushInterval = 1'000'000'000;  // ns

// Ids in the ATTRs: perf needs each record's to be in one.
constexpr uint64_t kTraceId = 1;
constexpr uint64_t kSidebandId = 2;

// sysfs says which number a PMU has; without PMU any dynamic one will do, as
// long as AUXTRACE_INFO says the same.
constexpr uint32_t kPmuType = 8;
// format/* of intel_pt: pt, tsc, noretcomp, branch, psb_period.
constexpr uint64_t kConfigPt = 1;
constexpr uint64_t kConfigTsc = 1 << 10;
constexpr uint64_t kConfigNoRetcomp = 1 << 11;
constexpr uint64_t kConfigBranch = 1 << 13;
constexpr unsigned kConfigPsbShift = 24;

constexpr uint64_t kSampleType =
    abi::bits(abi::SampleType::kTid) | abi::bits(abi::SampleType::kTime) |
    abi::bits(abi::SampleType::kId) | abi::bits(abi::SampleType::kCpu) |
    abi::bits(abi::SampleType::kIdentifier);

abi::perf_event_attr trace_attr(const SoftwarePtTerms& pt) {
  abi::perf_event_attr attr = {};
  attr.type = kPmuType;
  attr.config = kConfigPt | kConfigBranch | (pt.tsc ? kConfigTsc : 0) |
                (pt.compress_returns ? 0 : kConfigNoRetcomp) |
                uint64_t{pt.psb_period} << kConfigPsbShift;
  attr.sample_period = 1;
  attr.sample_type = kSampleType;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  attr.sample_id_all = 1;
  return attr;
}

abi::perf_event_attr sideband_attr() {
  abi::perf_event_attr attr = {};
  attr.type = abi::bits(abi::TypeId::kSoftware);
  attr.config = abi::bits(abi::SoftwareEvent::kDummy);
  attr.sample_period = 1;
  attr.sample_type = kSampleType;
  attr.exclude_kernel = 1;
  attr.exclude_hv = 1;
  attr.mmap = 1;
  attr.mmap2 = 1;
  attr.comm = 1;
  attr.comm_exec = 1;
  attr.task = 1;
  attr.sample_id_all = 1;
  return attr;
}

uint64_t monotonic_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(now.tv_nsec);
}

// Fields that the command line of the trace shows: what was run.
std::vector<std::string> command_line_of(const CaptureOptions& options) {
  if (const auto* program = std::get_if<RunProgram>(&options.target)) {
    return program->argv;
  }
  if (const auto* process = std::get_if<AttachProcess>(&options.target)) {
    return {"ptcap", "-p", std::to_string(process->pid)};
  }
  if (const auto* thread = std::get_if<AttachThread>(&options.target)) {
    return {"ptcap", "-t", std::to_string(thread->tid)};
  }
  return {"ptcap", "-a"};
}

// One file an image, named after its content.
void store_image(const std::string& folder, const formats::ImageId& id,
                 Bytes bytes) {
  const std::string path = folder + "/" + formats::to_hex(id);
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
    throw std::system_error(errno, std::generic_category(), folder);
  }
  if (::access(path.c_str(), F_OK) == 0) return;
  // Under another name first, so that a torn file is never taken for whole.
  const std::string part = path + "." + std::to_string(::getpid());
  formats::UniqueFd fd(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) throw std::system_error(errno, std::generic_category(), part);
  formats::OutputFile file(std::move(fd), part);
  file.append({bytes});
  file.close();
  if (::rename(part.c_str(), path.c_str()) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
}

}  // namespace

class Recorder::Impl {
 public:
  Impl(int fd, std::string path, const CaptureOptions& options)
      : options_(options) {
    open_writer(fd, std::move(path));
    formats::RecordFormat format = formats::RecordFormat::of(sideband_attr());
    builder_ = formats::RecordBuilder(format);
  }

  void begin(const RecorderSetup& setup) {
    std::vector<uint8_t> head;
    const uint64_t trace_ids[] = {kTraceId};
    const uint64_t sideband_ids[] = {kSidebandId};
    formats::append_header_attr(head, trace_attr(setup.pt), trace_ids);
    formats::append_header_attr(head, sideband_attr(), sideband_ids);
    formats::IntelPtInfo info;
    info.pmu_type = kPmuType;
    formats::append_auxtrace_info(head, info);
    formats::RecordBuilder().append(head, formats::TimeConvRecord{});
    const formats::IdIndexEntry entries[] = {{kTraceId, 0, ~0ull, ~0ull},
                                             {kSidebandId, 1, ~0ull, ~0ull}};
    formats::append_id_index(head, entries);
    // perf's way to name an event; there it is what wrote the packets.
    formats::RecordBuilder().append(
        head, formats::EventUpdateRecord{
                  formats::kEventUpdateName,
                  kTraceId,
                  {reinterpret_cast<const uint8_t*>(setup.source.data()),
                   setup.source.size()}});
    begin(head, kSidebandId);
  }

  void begin(Bytes head, uint64_t sideband_id) {
    sideband_id_ = sideband_id;
    head_.assign(head.begin(), head.end());
    append_features(head_, read_host_info(), kVersion,
                    command_line_of(options_));
    add_records(head_);
    summary_.begin_ns = now_ns();
    file_begin_ns_ = monotonic_ns();
    last_flush_ns_ = summary_.begin_ns;
    start_duration();
  }

  void start_duration() {
    if (options_.duration_ns) {
      stop_at_ns_ = monotonic_ns() + *options_.duration_ns;
    }
  }

  uint64_t now_ns() {
    const uint64_t now = monotonic_ns();
    return last_ns_ = now > last_ns_ ? now : last_ns_ + 1;
  }

  uint32_t add_stream(pid_t pid, pid_t tid, uint64_t time_ns) {
    streams_.push_back({pid, tid, 0});
    const auto number = static_cast<uint32_t>(streams_.size() - 1);
    add(formats::ItraceStartRecord{to_u32(pid), to_u32(tid)}, pid, tid, time_ns,
        kTraceId);
    return number;
  }

  void add_aux(uint32_t number, Bytes bytes, uint64_t time_ns) {
    if (bytes.empty()) return;
    Stream& stream = streams_.at(number);
    formats::AuxChunk chunk;
    chunk.idx = number;
    chunk.tid = to_u32(stream.tid);
    chunk.offset = stream.size;
    chunk.reference = time_ns;
    chunk.data1 = bytes;
    add(formats::AuxRecord{stream.size, bytes.size(), 0}, stream.pid,
        stream.tid, time_ns, kTraceId);
    guarded([&] { writer_->add_aux(chunk); });
    stream.size += bytes.size();
  }

  void end_stream(uint32_t number) {
    guarded([&] { writer_->end_stream(number); });
  }

  void add(const formats::RecordBody& body, pid_t pid, pid_t tid,
           uint64_t time_ns, std::optional<uint64_t> id = std::nullopt,
           uint16_t misc = formats::record_misc(abi::CpuMode::kUser)) {
    formats::SampleId trailer;
    trailer.pid = to_u32(pid);
    trailer.tid = to_u32(tid);
    trailer.time = time_ns;
    trailer.id = id.value_or(sideband_id_);
    trailer.cpu = static_cast<uint32_t>(sched_getcpu());
    record_.clear();
    builder_.append(record_, body, trailer, misc);
    guarded([&] { writer_->add_record(record_); });
  }

  void mmap2(pid_t pid, pid_t tid, const Mapping& mapping,
             const std::string& opened_path, Bytes image, uint64_t time_ns) {
    formats::Mmap2Record record;
    record.pid = to_u32(pid);
    record.tid = to_u32(tid);
    record.address = mapping.begin;
    record.length = mapping.size();
    record.file_offset = mapping.offset;
    record.device_major = mapping.major;
    record.device_minor = mapping.minor;
    record.inode = mapping.inode;
    record.protection = (mapping.readable ? PROT_READ : 0u) |
                        (mapping.writable ? PROT_WRITE : 0u) |
                        (mapping.executable ? PROT_EXEC : 0u);
    record.flags = mapping.shared ? MAP_SHARED : MAP_PRIVATE;
    record.filename = mapping.name;
    const std::vector<uint8_t>& build_id =
        build_id_of(mapping, opened_path, image);
    if (!build_id.empty()) record.build_id = build_id;
    add(record, pid, tid, time_ns);
  }

  // Empty where there is none; remembered by file.
  const std::vector<uint8_t>& build_id_of(const Mapping& mapping,
                                          const std::string& opened_path,
                                          Bytes image) {
    const FileKey key = {mapping.major, mapping.minor, mapping.inode,
                         mapping.name};
    const auto known = build_ids_.find(key);
    if (known != build_ids_.end()) return known->second;
    std::optional<std::vector<uint8_t>> id;
    try {
      if (!opened_path.empty()) {
        id = formats::ElfFile(opened_path).build_id();
      } else if (!image.empty()) {
        id = formats::ElfFile(image, mapping.name).build_id();
      }
    } catch (const formats::FormatError&) {
      // Mapped code need not be ELF.
    } catch (const std::system_error&) {
      // The file went away.
    }
    if (id && id->size() > formats::Mmap2Record::kMaxBuildId) id.reset();
    return build_ids_[key] = std::move(id).value_or(std::vector<uint8_t>());
  }

  formats::ImageId add_image(Bytes bytes) {
    formats::ImageId id = {};
    guarded([&] {
      if (options_.images == ImagePolicy::kAll) {
        id = writer_->add_image(bytes);
      } else {
        id = formats::image_id_of(bytes);
      }
      if (!images_.insert(formats::to_hex(id)).second) return;
      if (options_.images == ImagePolicy::kStore) {
        store_image(options_.image_store, id, bytes);
      }
    });
    return id;
  }

  formats::ImageId add_code_mapping(formats::CodeMapping mapping, Bytes bytes) {
    const bool one_stream =
        mapping.aux_idx != formats::CodeMapping::kAllStreams;
    if (options_.images == ImagePolicy::kNone || bytes.empty()) {
      if (!one_stream) return {};
      mapping.address = 0;  // only marks the restart
    } else {
      mapping.image = add_image(bytes);
      mapping.size = bytes.size();
    }
    guarded([&] { writer_->add_code_mapping(mapping); });
    return mapping.image;
  }
  void add_known_code(const formats::CodeMapping& mapping) {
    if (options_.images == ImagePolicy::kNone) return;
    guarded([&] { writer_->add_code_mapping(mapping); });
  }

  void add_record(Bytes record) {
    guarded([&] { writer_->add_record(record); });
  }

  void add_aux(const formats::AuxChunk& chunk) {
    guarded([&] { writer_->add_aux(chunk); });
    if (chunk.idx >= streams_.size()) streams_.resize(chunk.idx + 1);
    streams_[chunk.idx].size += chunk.data1.size() + chunk.data2.size();
  }

  void set_backlog(bool backlog) {
    if (!options_.adapt_level) return;
    guarded([&] { writer_->set_level(backlog ? 0 : options_.level); });
  }

  void flush() {
    guarded([&] { writer_->flush(); });
  }

  pid_t pid_of_stream(uint32_t number) const { return streams_.at(number).pid; }

  void loss(const formats::Loss& loss) {
    guarded([&] { writer_->add_loss(loss); });
    summary_.ledger.losses.push_back(loss);
  }

  void synthetic(uint64_t bytes) {
    guarded([&] { writer_->add_synthetic(bytes); });
    summary_.ledger.synthetic_bytes += bytes;
  }

  void tick(const std::function<void()>& flush_streams) {
    const uint64_t now = monotonic_ns();
    if (now - last_flush_ns_ >= kFlushInterval && summary_.begin_ns != 0) {
      last_flush_ns_ = now;
      flush_streams();
      guarded([&] { writer_->flush(); });
    }
    if (stop_ != StopReason::kNone) return;
    if (stop_at_ns_ && now >= *stop_at_ns_) stop_ = StopReason::kDuration;
    if (options_.max_size_bytes && writer_ &&
        bytes_written() >= *options_.max_size_bytes) {
      stop_ = StopReason::kMaxSize;
    }
  }

  StopReason stop_asked() const { return stop_; }

  bool switch_due() const {
    if (stop_ != StopReason::kNone) return false;
    if (options_.switch_bytes) {
      return writer_->bytes_written() >= *options_.switch_bytes;
    }
    return options_.switch_ns &&
           monotonic_ns() - file_begin_ns_ >= *options_.switch_ns;
  }

  void switch_output() {
    guarded([&] { writer_->finish(); });
    if (stop_ != StopReason::kNone) return;
    earlier_bytes_ += writer_->bytes_written();
    earlier_images_ += images_.size();
    images_.clear();
    try {
      Output next =
          open_next_output(options_, summary_.files.front(), switches_);
      open_writer(next.fd.release(), next.path);
    } catch (const CaptureError& error) {
      fail_output(error.what());
    }
    add_records(head_);
    file_begin_ns_ = monotonic_ns();
  }

  void finish() {
    summary_.end_ns = monotonic_ns();
    guarded([&] { writer_->finish(); });
  }

  Summary summary() const {
    Summary summary = summary_;
    for (const Stream& stream : streams_) {
      summary.ledger.produced_bytes += stream.size;
    }
    summary.ledger.produced_bytes -= summary.ledger.synthetic_bytes;
    if (stop_ != StopReason::kOutputFailed) {
      summary.ledger.written_bytes = summary.ledger.produced_bytes;
    }
    summary.bytes_written = bytes_written();
    summary.streams = streams_.size();
    summary.images = earlier_images_ + images_.size();
    return summary;
  }

 private:
  struct Stream {
    pid_t pid = 0, tid = 0;
    uint64_t size = 0;
  };
  using FileKey = std::tuple<uint32_t, uint32_t, uint64_t, std::string>;

  void open_writer(int fd, std::string path) {
    formats::TraceWriterOptions writer;
    writer.level = options_.level;
    writer.threads = options_.threads;
    writer.creator = std::string("ptcap ") + kVersion;
    summary_.files.push_back(path);
    guarded([&] { writer_.emplace(fd, std::move(path), writer); });
  }

  uint64_t bytes_written() const {
    return earlier_bytes_ + (writer_ ? writer_->bytes_written() : 0);
  }

  static uint32_t to_u32(pid_t id) { return static_cast<uint32_t>(id); }

  void add_records(Bytes records) {
    while (!records.empty()) {
      const auto header = formats::parse_record_header(records);
      guarded([&] { writer_->add_record(records.first(header.size)); });
      records = records.subspan(header.size);
    }
  }

  // Runs `write` unless the output has failed; notes if it fails now.
  template <typename Write>
  void guarded(Write write) {
    if (stop_ == StopReason::kOutputFailed) return;
    try {
      write();
    } catch (const std::system_error& error) {
      fail_output(error.what());
    }
  }

  void fail_output(const std::string& why) {
    stop_ = StopReason::kOutputFailed;
    print_message(why +
                  "\n  the program runs on untraced; what was written "
                  "stays readable");
  }

  const CaptureOptions& options_;
  std::optional<formats::TraceWriter> writer_;
  formats::RecordBuilder builder_;
  std::vector<uint8_t> record_;
  std::vector<Stream> streams_;
  std::map<FileKey, std::vector<uint8_t>> build_ids_;
  std::unordered_set<std::string> images_;
  Summary summary_;
  StopReason stop_ = StopReason::kNone;
  std::optional<uint64_t> stop_at_ns_;
  // Of --switch-output.
  std::vector<uint8_t> head_;
  uint64_t file_begin_ns_ = 0;
  uint64_t earlier_bytes_ = 0, earlier_images_ = 0;
  unsigned switches_ = 0;
  uint64_t last_flush_ns_ = 0;
  uint64_t sideband_id_ = kSidebandId;
  uint64_t last_ns_ = 0;
};

Recorder::Recorder(int fd, std::string path, const CaptureOptions& options)
    : impl_(std::make_unique<Impl>(fd, std::move(path), options)) {}

Recorder::~Recorder() = default;

void Recorder::begin(const RecorderSetup& setup) { impl_->begin(setup); }

void Recorder::begin(Bytes head, uint64_t sideband_id) {
  impl_->begin(head, sideband_id);
}

void Recorder::start_duration() { impl_->start_duration(); }

uint64_t Recorder::now_ns() { return impl_->now_ns(); }

uint32_t Recorder::add_stream(pid_t pid, pid_t tid, uint64_t time_ns) {
  return impl_->add_stream(pid, tid, time_ns);
}

void Recorder::add_aux(uint32_t stream, Bytes bytes, uint64_t time_ns) {
  impl_->add_aux(stream, bytes, time_ns);
}

void Recorder::add_record(Bytes record) { impl_->add_record(record); }

void Recorder::add_aux(const formats::AuxChunk& chunk) {
  impl_->add_aux(chunk);
}

void Recorder::set_backlog(bool backlog) { impl_->set_backlog(backlog); }

void Recorder::flush() { impl_->flush(); }

void Recorder::end_stream(uint32_t stream) { impl_->end_stream(stream); }

void Recorder::comm(pid_t pid, pid_t tid, std::string_view name, bool exec,
                    uint64_t time_ns) {
  formats::CommRecord record;
  record.pid = static_cast<uint32_t>(pid);
  record.tid = static_cast<uint32_t>(tid);
  record.comm = name;
  const uint16_t misc = exec ? formats::record_misc(abi::CpuMode::kUser,
                                                    abi::RecordMisc::kCommExec)
                             : formats::record_misc(abi::CpuMode::kUser);
  impl_->add(record, pid, tid, time_ns, std::nullopt, misc);
}

void Recorder::fork(pid_t pid, pid_t tid, pid_t parent_pid, pid_t parent_tid,
                    uint64_t time_ns) {
  const formats::TaskRecord task = {
      static_cast<uint32_t>(pid), static_cast<uint32_t>(parent_pid),
      static_cast<uint32_t>(tid), static_cast<uint32_t>(parent_tid), time_ns};
  impl_->add(formats::ForkRecord{task}, parent_pid, parent_tid, time_ns);
}

void Recorder::exit(pid_t pid, pid_t tid, pid_t parent_pid, pid_t parent_tid,
                    uint64_t time_ns) {
  const formats::TaskRecord task = {
      static_cast<uint32_t>(pid), static_cast<uint32_t>(parent_pid),
      static_cast<uint32_t>(tid), static_cast<uint32_t>(parent_tid), time_ns};
  impl_->add(formats::ExitRecord{task}, pid, tid, time_ns);
}

void Recorder::mmap2(pid_t pid, pid_t tid, const Mapping& mapping,
                     const std::string& opened_path, Bytes image,
                     uint64_t time_ns) {
  impl_->mmap2(pid, tid, mapping, opened_path, image, time_ns);
}

void Recorder::kernel_mmap2(uint64_t address, uint64_t size,
                            std::string_view name, Bytes build_id,
                            uint64_t time_ns) {
  formats::Mmap2Record record;
  record.pid = static_cast<uint32_t>(kEveryProcess);
  record.address = address;
  record.length = size;
  record.file_offset = address;  // as perf has it
  record.protection = PROT_READ | PROT_EXEC;
  record.flags = MAP_PRIVATE;
  record.filename = name;
  if (!build_id.empty()) record.build_id = build_id;
  impl_->add(record, kEveryProcess, 0, time_ns, std::nullopt,
             formats::record_misc(abi::CpuMode::kKernel));
}

namespace {

formats::CodeMapping mapping_of(pid_t pid, uint64_t address,
                                std::string_view name, uint64_t time_ns) {
  formats::CodeMapping mapping;
  mapping.pid = static_cast<uint32_t>(pid);
  mapping.time_ns = time_ns;
  mapping.address = address;
  mapping.name = name;
  return mapping;
}

}  // namespace

formats::ImageId Recorder::code(pid_t pid, uint64_t address, Bytes bytes,
                                std::string_view name, uint64_t time_ns) {
  return impl_->add_code_mapping(mapping_of(pid, address, name, time_ns),
                                 bytes);
}

void Recorder::code(pid_t pid, uint64_t address, const formats::ImageId& image,
                    uint64_t size, std::string_view name, uint64_t time_ns) {
  formats::CodeMapping mapping = mapping_of(pid, address, name, time_ns);
  mapping.image = image;
  mapping.size = size;
  impl_->add_known_code(mapping);
}

void Recorder::code_of_stream(uint32_t stream, uint64_t psb_offset,
                              uint64_t address, Bytes bytes,
                              std::string_view name, uint64_t time_ns) {
  formats::CodeMapping mapping;
  mapping.pid = static_cast<uint32_t>(impl_->pid_of_stream(stream));
  mapping.aux_idx = stream;
  mapping.aux_offset = psb_offset;
  mapping.time_ns = time_ns;
  mapping.address = address;
  mapping.name = name;
  impl_->add_code_mapping(std::move(mapping), bytes);
}

void Recorder::restart_of_stream(uint32_t stream, uint64_t psb_offset,
                                 uint64_t time_ns) {
  code_of_stream(stream, psb_offset, 0, {}, "", time_ns);
}

void Recorder::loss(const formats::Loss& loss) { impl_->loss(loss); }

void Recorder::synthetic(uint64_t bytes) { impl_->synthetic(bytes); }

void Recorder::tick(const std::function<void()>& flush_streams) {
  impl_->tick(flush_streams);
}

bool Recorder::switch_due() const { return impl_->switch_due(); }

void Recorder::switch_output() { impl_->switch_output(); }

StopReason Recorder::stop_asked() const { return impl_->stop_asked(); }

void Recorder::finish() { impl_->finish(); }

Recorder::Summary Recorder::summary() const { return impl_->summary(); }

}  // namespace ptcap::capture
