// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a flow engine needs to decode one PT stream.

#ifndef PTCAP_DECODE_STREAM_H_
#define PTCAP_DECODE_STREAM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "decode/code_view.h"
#include "decode/cpu_timeline.h"
#include "decode/events.h"
#include "decode/flow.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::decode {

struct CpuModel {
  uint16_t family = 0;
  uint8_t model = 0;
  uint8_t stepping = 0;

  bool operator==(const CpuModel&) const = default;
};

// From TSC to perf clock, as PERF_RECORD_TIME_CONV says.
struct TimeConversion {
  uint16_t shift = 0;
  uint32_t mult = 1;
  uint64_t zero = 0;

  uint64_t to_ns(uint64_t tsc) const {
    const uint64_t quot = tsc >> shift;
    const uint64_t rem = tsc & ((1ull << shift) - 1);
    return zero + quot * mult + ((rem * mult) >> shift);
  }
};

// How the stream was recorded.
struct PtSettings {
  std::optional<CpuModel> cpu;          // for errata
  std::optional<TimeConversion> clock;  // without it there is no time
  ExecMode mode = ExecMode::k64;        // until the stream says it
  uint8_t mtc_freq = 0;                 // IA32_RTIT_CTL.MTCFreq
  uint8_t nom_freq = 0;                 // max. non-turbo ratio
  uint32_t tsc_ctc_numerator = 0;       // CPUID 15H EBX
  uint32_t tsc_ctc_denominator = 0;     // CPUID 15H EAX
  // The stream may hold packets of PEBS and event trace.
  bool foreign_packets = true;
  bool cycles = false;  // count those of CYC packets, which it may hold
};

// The bytes of one AUX stream.
class AuxBytes {
 public:
  virtual ~AuxBytes() = default;

  // By offset, without overlap; a hole between two is a loss.
  virtual std::span<const formats::AuxPiece> pieces() const = 0;

  // Where bytes are missing although the offsets go on, ascending.
  virtual std::span<const uint64_t> losses() const { return {}; }

  // Bytes from `offset` on; the number read, less than asked for at the end of
  // a piece.
  virtual uint64_t read(uint64_t offset, std::span<uint8_t> out) const = 0;
};

// A change of the code that a stream runs.
struct CodeChange {
  // In the stream's AUX bytes: where a PSB stands, behind a TIP.PGD and in
  // front of a TIP.PGE that are no events of the program. Or by time.
  std::optional<uint64_t> aux_offset;
  uint64_t time_ns = 0;
  std::vector<CodeRange> ranges;  // may be none
};

// The code of one stream over its length: a first view, and what changes; of a
// stream per CPU also whose code it is. Time only goes forward.
class StreamCode {
 public:
  using Changes = std::shared_ptr<const std::vector<CodeChange>>;

  // `by_time` is sorted by time_ns and shared by the threads of a process,
  // `by_offset` by aux_offset. Either may be null.
  explicit StreamCode(std::shared_ptr<const CodeView> first,
                      Changes by_time = nullptr, Changes by_offset = nullptr)
      : process_{std::move(first), std::move(by_time), 0},
        by_offset_(std::move(by_offset)) {}

  // Of a CPU that runs now this process, now that one: `code_of(pid)` is asked
  // once for each. `timeline` is not empty.
  using CodeOf = std::function<StreamCode(uint32_t pid)>;
  StreamCode(std::shared_ptr<const CpuTimeline> timeline, CodeOf code_of);

  const std::shared_ptr<const CodeView>& view() const { return process_.view; }

  // Applies what changed up to then; true if the view is another one now.
  bool advance_time(uint64_t time_ns);
  bool advance_offset(uint64_t aux_offset);

  // Whether slices are known, and which one it is.
  bool has_slices() const { return timeline_ != nullptr; }
  uint32_t slice() const { return slice_; }
  const CpuTimeline& timeline() const { return *timeline_; }
  // Goes on to the slice at that time or offset; true if it is another one.
  bool advance_slice(uint64_t time_ns, uint64_t aux_offset);
  // Goes on to a later slice; true if the view is another one now.
  bool enter_slice(uint32_t slice);
  // A time in the slice: `time_ns`, unless the next slice has begun by then.
  uint64_t time_in_slice(uint64_t time_ns) const;

  // One view that is right at all times, if there is one: where code is only
  // ever added, what is not there yet cannot have run. nullptr where code
  // changes.
  std::shared_ptr<const CodeView> constant_view() const;

  // When the next change by time is, after those applied; ~0 is never.
  uint64_t next_time() const;
  // Where the next change by offset is, after those applied.
  std::optional<uint64_t> next_offset() const;

 private:
  struct Process {
    std::shared_ptr<const CodeView> view;
    Changes by_time;
    size_t next_by_time = 0;
  };

  bool apply(const CodeChange& change);

  Process process_;  // the one that runs
  Changes by_offset_;
  size_t next_by_offset_ = 0;

  std::shared_ptr<const CpuTimeline> timeline_;
  CodeOf code_of_;
  uint32_t slice_ = 0;
  std::map<uint32_t, Process> others_;  // by pid; that of process_ is stale
};

// Everything about a stream. `aux` is borrowed and outlives the engine.
struct StreamInput {
  const AuxBytes* aux = nullptr;
  StreamCode code;
  PtSettings settings;
  // Only this part of the stream; `begin` is where a PSB stands, or 0. Decodes
  // up to the first PSB at or behind `end`.
  uint64_t begin = 0;
  uint64_t end = ~0ull;
  // Where events go that FlowItems of kind kOther stand for; nullptr: none.
  EventLog* events = nullptr;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_STREAM_H_
