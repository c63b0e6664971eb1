// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/capture/flow_check.h"

#include <intel-pt.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>

#include "capture/step/step_log.h"
#include "formats/perf/parse.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::capture {
namespace {

using formats::Bytes;
using formats::CodeMapping;

class Warnings : public formats::Reporter {
 public:
  void warn(const std::string& message) override { list.push_back(message); }
  std::vector<std::string> list;
};

struct Task {
  uint32_t pid = 0, tid = 0;
  uint64_t time_ns = 0;
};

// The code of one process, over time and by stream.
class CodeOf {
 public:
  // In the order in which they were recorded.
  void add(const CodeMapping* mapping, const std::vector<uint8_t>* bytes) {
    entries_.push_back({mapping, bytes});
  }
  // What a fork hands on.
  void add_all_before(const CodeOf& parent, uint64_t time_ns) {
    for (const Entry& entry : parent.entries_) {
      if (entry.mapping->aux_idx == CodeMapping::kAllStreams &&
          entry.mapping->time_ns <= time_ns) {
        entries_.push_back(entry);
      }
    }
  }

  size_t read(uint32_t stream, uint64_t offset, uint64_t time_ns,
              uint64_t address, uint8_t* out, size_t size) const {
    for (size_t done = 0; done < size; ++done) {
      const uint8_t* byte = find(stream, offset, time_ns, address + done);
      if (byte == nullptr) return done;
      out[done] = *byte;
    }
    return size;
  }

 private:
  struct Entry {
    const CodeMapping* mapping;
    const std::vector<uint8_t>* bytes;
  };

  const uint8_t* find(uint32_t stream, uint64_t offset, uint64_t time_ns,
                      uint64_t address) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      const CodeMapping& m = *entry->mapping;
      if (address < m.address || address - m.address >= m.size) continue;
      const bool applies = m.aux_idx == CodeMapping::kAllStreams
                               ? m.time_ns <= time_ns
                               : m.aux_idx == stream && m.aux_offset <= offset;
      if (applies) {
        return entry->bytes->data() + m.image_offset + (address - m.address);
      }
    }
    return nullptr;
  }

  std::vector<Entry> entries_;
};

using StepsByThread = std::map<uint32_t, std::vector<uint64_t>>;

StepsByThread read_log(const std::string& path) {
  StepsByThread steps;
  std::ifstream file(path, std::ios::binary);
  StepLogEntry entry;
  while (file.read(reinterpret_cast<char*>(&entry), sizeof entry)) {
    steps[entry.tid].push_back(entry.ip);
  }
  return steps;
}

std::string hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%lx", value);
  return text;
}

// One stream, instruction by instruction.
class StreamDecoder {
 public:
  StreamDecoder(std::vector<uint8_t> bytes, uint32_t stream, const CodeOf& code)
      : bytes_(std::move(bytes)), stream_(stream), code_(code) {
    pt_config config;
    pt_config_init(&config);
    config.begin = bytes_.data();
    config.end = bytes_.data() + bytes_.size();
    decoder_.reset(pt_insn_alloc_decoder(&config));
    image_.reset(pt_image_alloc("check"));
    pt_image_set_callback(image_.get(), read_code, this);
    pt_insn_set_image(decoder_.get(), image_.get());
  }

  // Appends the ips of all instructions; returns libipt's error, or 0.
  int decode(std::vector<uint64_t>& ips, uint64_t& async_events) {
    int status = pt_insn_sync_forward(decoder_.get());
    while (status >= 0) {
      while ((status & pts_event_pending) != 0) {
        pt_event event = {};
        status = pt_insn_event(decoder_.get(), &event, sizeof event);
        if (status < 0) return fail(status);
        note(event, async_events);
      }
      if ((status & pts_eos) != 0) return 0;
      pt_insn insn = {};
      status = pt_insn_next(decoder_.get(), &insn, sizeof insn);
      if (insn.iclass != ptic_error && insn.size != 0) ips.push_back(insn.ip);
    }
    return status == -pte_eos ? 0 : fail(status);
  }

  const std::string& where() const { return where_; }

 private:
  static int read_code(uint8_t* out, size_t size, const pt_asid*,
                       uint64_t address, void* context) noexcept {
    auto* self = static_cast<StreamDecoder*>(context);
    uint64_t time_ns = 0;
    uint64_t offset = 0;
    if (pt_insn_time(self->decoder_.get(), &time_ns, nullptr, nullptr) < 0) {
      time_ns = ~0ull;  // no TSC packets: the latest code is the best guess
    }
    pt_insn_get_offset(self->decoder_.get(), &offset);
    const size_t got =
        self->code_.read(self->stream_, offset, time_ns, address, out, size);
    return got == 0 ? -pte_nomap : static_cast<int>(got);
  }

  static void note(const pt_event& event, uint64_t& async_events) {
    if (event.type == ptev_async_disabled) ++async_events;
  }

  int fail(int status) {
    uint64_t offset = 0;
    pt_insn_get_offset(decoder_.get(), &offset);
    where_ = std::string(pt_errstr(pt_errcode(status))) + " at offset " +
             hex(offset);
    return status;
  }

  struct Free {
    void operator()(pt_insn_decoder* d) const { pt_insn_free_decoder(d); }
    void operator()(pt_image* i) const { pt_image_free(i); }
  };

  std::vector<uint8_t> bytes_;
  uint32_t stream_;
  const CodeOf& code_;
  std::unique_ptr<pt_image, Free> image_;
  std::unique_ptr<pt_insn_decoder, Free> decoder_;
  std::string where_;
};

class Checker {
 public:
  Checker(const std::string& trace, const std::string& log)
      : reader_(trace, warnings_), logged_(read_log(log)) {}

  FlowCheck run() {
    result_.problems = warnings_.list;
    if (reader_.salvaged()) problem("the trace had to be salvaged");
    read_tasks();
    read_code();
    for (const formats::AuxStream& stream : reader_.aux_streams()) {
      decode(stream);
    }
    compare();
    return result_;
  }

 private:
  void problem(const std::string& text) {
    constexpr size_t kEnough = 20;
    if (result_.problems.size() < kEnough) result_.problems.push_back(text);
  }

  void read_tasks() {
    formats::EventFormats formats;
    reader_.for_each_record([&](Bytes bytes, uint64_t offset) {
      const auto record =
          formats::parse_record(bytes, formats.of_record(bytes), offset);
      if (auto* attr = std::get_if<formats::HeaderAttrRecord>(&record.body)) {
        formats.add(attr->attr, attr->ids);
      }
      if (auto* start = std::get_if<formats::ItraceStartRecord>(&record.body)) {
        // In the order of their numbers.
        streams_.push_back({start->pid, start->tid, record.sample_id.time});
      }
      if (auto* fork = std::get_if<formats::ForkRecord>(&record.body)) {
        if (fork->pid != fork->parent_pid) forks_.push_back(*fork);
      }
    });
  }

  void read_code() {
    for (const CodeMapping& mapping : reader_.code_mappings()) {
      if (mapping.size == 0) continue;
      auto& bytes = images_[mapping.image];
      if (bytes.empty()) {
        auto image = reader_.image(mapping.image);
        if (!image) return problem("an image is missing: " + mapping.name);
        bytes = std::move(*image);
      }
    }
    // Forks first: what a child maps later is found before what it inherited.
    for (const formats::ForkRecord& fork : forks_) {
      add_code_of(fork.parent_pid, fork.time);
      code_[fork.pid].add_all_before(code_[fork.parent_pid], fork.time);
    }
    add_code_of(~0u, ~0ull);
  }

  // Mappings are in order of time: those up to `time_ns`.
  void add_code_of(uint32_t, uint64_t time_ns) {
    const auto mappings = reader_.code_mappings();
    for (; next_mapping_ < mappings.size(); ++next_mapping_) {
      const CodeMapping& mapping = mappings[next_mapping_];
      if (mapping.time_ns > time_ns) return;
      if (mapping.size == 0) continue;
      code_[mapping.pid].add(&mapping, &images_[mapping.image]);
    }
  }

  void decode(const formats::AuxStream& stream) {
    ++result_.streams;
    uint64_t size = 0;
    for (const formats::AuxPiece& piece : stream.pieces) {
      if (piece.offset != size) problem("a hole in the stream");
      size = piece.offset + piece.size;
    }
    std::vector<uint8_t> bytes(size);
    for (uint64_t done = 0; done < size;) {
      const uint64_t n =
          reader_.read_aux(stream, done, std::span(bytes).subspan(done));
      if (n == 0) break;
      done += n;
    }
    const Task& task = streams_.at(stream.idx);
    StreamDecoder decoder(std::move(bytes), stream.idx, code_[task.pid]);
    std::vector<uint64_t>& ips = decoded_[task.tid];
    if (decoder.decode(ips, result_.async_events) != 0) {
      problem("tid " + std::to_string(task.tid) + ": " + decoder.where() +
              " after " + std::to_string(ips.size()) + " instructions");
    }
    result_.instructions += ips.size();
  }

  void compare() {
    for (const auto& [tid, steps] : logged_) {
      compare_thread(tid, steps, decoded_[tid]);
    }
    for (const auto& [tid, ips] : decoded_) {
      if (!ips.empty() && !logged_.contains(tid)) {
        problem("tid " + std::to_string(tid) + " is not in the log");
      }
    }
  }

  void compare_thread(uint32_t tid, const std::vector<uint64_t>& steps,
                      const std::vector<uint64_t>& ips) {
    const auto [step, ip] =
        std::mismatch(steps.begin(), steps.end(), ips.begin(), ips.end());
    if (step == steps.end() && ip == ips.end()) return;
    const auto at = step - steps.begin();
    problem("tid " + std::to_string(tid) + ": instruction " +
            std::to_string(at) + " of " + std::to_string(steps.size()) +
            ": stepped " + (step == steps.end() ? "-" : hex(*step)) +
            ", decoded " + (ip == ips.end() ? "-" : hex(*ip)) + " (of " +
            std::to_string(ips.size()) + ")");
  }

  Warnings warnings_;
  formats::TraceReader reader_;
  StepsByThread logged_;
  StepsByThread decoded_;
  std::vector<Task> streams_;
  std::vector<formats::ForkRecord> forks_;
  std::map<formats::ImageId, std::vector<uint8_t>> images_;
  std::map<uint32_t, CodeOf> code_;
  size_t next_mapping_ = 0;
  FlowCheck result_;
};

}  // namespace

FlowCheck check_flow(const std::string& trace, const std::string& log) {
  return Checker(trace, log).run();
}

}  // namespace ptcap::capture
