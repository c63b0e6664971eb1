// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A trace, open for decoding: its streams, and what each engine needs.

#ifndef PTCAP_DECODE_TRACE_H_
#define PTCAP_DECODE_TRACE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/address_spaces.h"
#include "decode/flow.h"
#include "decode/image_store.h"
#include "decode/libipt/decoder.h"
#include "decode/libipt/section_cache.h"
#include "decode/module_files.h"
#include "decode/stream.h"
#include "decode/trace_facts.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::decode {

struct TraceOptions {
  std::string sysroot;
  // Where code images are that the trace does not hold; empty: nowhere.
  std::string image_store;
  // The CPU whose errata are worked around: as parse_cpuid() takes it, or
  // "none"; empty: the one that the trace names.
  std::string errata;
  // By the fast engine where it gives the same as libipt.
  bool fast = false;
};

// One AUX stream, and whose it is.
struct TraceStream {
  const formats::AuxStream* aux = nullptr;
  std::optional<uint32_t> pid, tid, cpu;
  uint64_t first_ns = 0;  // when it begins; 0 unknown

  // Of a stream per CPU, where it is known which thread ran when: the same
  // stream as that of one thread, for each slice of the timeline.
  std::shared_ptr<const CpuTimeline> timeline;
  std::vector<const TraceStream*> lanes;

  // What FlowItem::slice stands for.
  const TraceStream& lane(uint32_t slice) const {
    return lanes.empty() ? *this : *lanes[slice];
  }
  // Orders what has no time of its own; 0 unknown.
  uint64_t time_of_slice(uint32_t slice) const {
    return timeline ? timeline->slices[slice].time_ns : 0;
  }
};

// A part of a stream. `begin` is where a PSB stands, or 0; it ends at the first
// PSB at or behind `end`.
struct StreamPart {
  uint64_t begin = 0;
  uint64_t end = ~0ull;
};

// The thread that decodes uses it alone.
class Trace {
 public:
  // Throws as TraceReader does. `reporter` is borrowed.
  Trace(const std::string& path, const TraceOptions& options,
        formats::Reporter& reporter);

  const formats::TraceReader& reader() const { return reader_; }
  const TraceFacts& facts() const { return facts_; }
  const std::vector<TraceStream>& streams() const { return streams_; }
  // Of all streams.
  bool has_time() const { return facts_.has_time(); }
  // Whether the streams have an order by time: that of what is in them, or that
  // of the slices of CPUs.
  bool has_order() const;
  // The first time in the trace, for "+1ms".
  uint64_t first_ns() const;

  // By the engine that TraceOptions choose.
  std::unique_ptr<FlowEngine> open(const TraceStream& stream,
                                   const StreamPart& part = {});
  // By libipt (or the BTS engine, for BTS).
  std::unique_ptr<FlowEngine> open_exact(const TraceStream& stream,
                                         const StreamPart& part = {},
                                         IptKind kind = IptKind::kBlock,
                                         EventLog* events = nullptr);

  // The parts that hold all of a stream that is in [from_ns, until_ns) and in
  // one of the lanes that are wanted; what else they hold is next to it.
  std::vector<StreamPart> parts(
      const TraceStream& stream, uint64_t from_ns, uint64_t until_ns,
      const std::function<bool(const TraceStream& lane)>& wanted);

  // The PSBs of a stream: from the index, or else found in its bytes once.
  const std::vector<formats::PsbEntry>& psbs(const TraceStream& stream);

  // An image of the trace or of the image store.
  std::optional<std::vector<uint8_t>> image(const formats::ImageId& id) const {
    return spaces_.read_image(id);
  }

  // The bytes of a stream. Valid as long as this.
  std::unique_ptr<AuxBytes> bytes(const TraceStream& stream) const;
  const PtSettings& settings() const { return settings_; }

  // The code of the stream at its beginning, and the modules of its process.
  StreamCode code(const TraceStream& stream);
  ModuleMap modules(const TraceStream& stream) const;
  ModuleFiles& files() { return files_; }

 private:
  class Bytes;

  PtSettings make_settings(const TraceOptions& options,
                           formats::Reporter& reporter) const;
  StreamInput input(const AuxBytes& bytes, const TraceStream& stream,
                    const StreamPart& part);
  bool fast_applies(const StreamInput& input) const;
  bool interpolates(const StreamInput& input) const;
  void find_streams();
  void find_lanes();
  CpuTimeline timeline(uint32_t cpu) const;

  TraceOptions options_;
  formats::TraceReader reader_;
  TraceFacts facts_;
  PtSettings settings_;
  ImageStore store_;
  ModuleFiles files_;
  AddressSpaces spaces_;
  SectionCache sections_;
  std::vector<TraceStream> streams_;
  std::deque<TraceStream> lanes_;
  std::map<uint32_t, std::vector<formats::PsbEntry>> psbs_;  // by idx
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_TRACE_H_
