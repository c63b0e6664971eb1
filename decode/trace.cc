// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/trace.h"

#include <intel-pt.h>

#include <algorithm>
#include <bit>

#include "decode/bts/engine.h"
#include "decode/fast/ordered_engine.h"
#include "decode/libipt/engine.h"
#include "decode/psb_header.h"
#include "decode/time_interpolator.h"
#include "formats/pt/packet.h"

namespace ptcap::decode {

namespace {

// "x86_64", "i686"; import writes "i8086" for 16-bit code.
ExecMode mode_of(const std::string& arch) {
  if (arch == "i8086") return ExecMode::k16;
  if (arch.size() == 4 && arch[0] == 'i' && arch.ends_with("86")) {
    return ExecMode::k32;
  }
  return ExecMode::k64;
}

std::optional<uint32_t> known(uint32_t value) {
  if (value == ~0u) return std::nullopt;
  return value;
}

// With thousands of streams open at once, each gets a smaller part.
uint64_t window_size(size_t streams) {
  constexpr uint64_t kAllWindows = 64 << 20;
  constexpr uint64_t kSmallest = 64 << 10;
  return std::clamp<uint64_t>(kAllWindows / std::max<size_t>(streams, 1),
                              kSmallest, LibiptEngine::kDefaultWindow);
}

}  // namespace

class Trace::Bytes : public AuxBytes {
 public:
  Bytes(const formats::TraceReader& reader, const formats::AuxStream& stream,
        std::vector<uint64_t> losses)
      : reader_(reader), stream_(stream), losses_(std::move(losses)) {}

  std::span<const formats::AuxPiece> pieces() const override {
    return stream_.pieces;
  }
  std::span<const uint64_t> losses() const override { return losses_; }
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const override {
    return reader_.read_aux(stream_, offset, out);
  }

 private:
  const formats::TraceReader& reader_;
  const formats::AuxStream& stream_;
  const std::vector<uint64_t> losses_;
};

Trace::Trace(const std::string& path, const TraceOptions& options,
             formats::Reporter& reporter)
    : options_(options),
      reader_(path, reporter),
      facts_(read_facts(reader_, path, reporter)),
      settings_(make_settings(options, reporter)),
      files_(options.sysroot, store_, reporter),
      spaces_(reader_, facts_, store_, files_, options.image_store, reporter),
      sections_(store_) {
  find_streams();
  find_lanes();
}

PtSettings Trace::make_settings(const TraceOptions& options,
                                formats::Reporter& reporter) const {
  PtSettings settings;
  const std::string cpuid =
      options.errata.empty() ? facts_.cpuid : options.errata;
  settings.cpu = parse_cpuid(cpuid);
  if (settings.cpu) {
    pt_errata errata = {};
    const pt_cpu cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                        settings.cpu->stepping};
    if (pt_cpu_errata(&errata, &cpu) < 0) {
      reporter.warn("libipt does not know the CPU " + cpuid +
                    ": no errata are applied");
    }
  }
  if (has_time()) settings.clock = facts_.clock;
  settings.mode = mode_of(facts_.arch);
  settings.foreign_packets = facts_.has_foreign_packets();
  if (!facts_.pt) return settings;
  const formats::IntelPtInfo& pt = *facts_.pt;
  if (pt.mtc_freq_bits != 0) {
    settings.mtc_freq =
        static_cast<uint8_t>((facts_.pt_config & pt.mtc_freq_bits) >>
                             std::countr_zero(pt.mtc_freq_bits));
  }
  settings.nom_freq = static_cast<uint8_t>(pt.max_nonturbo_ratio);
  settings.tsc_ctc_numerator = static_cast<uint32_t>(pt.tsc_ctc_numerator);
  settings.tsc_ctc_denominator = static_cast<uint32_t>(pt.tsc_ctc_denominator);
  return settings;
}

void Trace::find_streams() {
  for (const formats::AuxStream& aux : reader_.aux_streams()) {
    TraceStream stream;
    stream.aux = &aux;
    stream.tid = known(aux.tid);
    stream.cpu = known(aux.cpu);
    if (stream.tid) {
      const auto at = facts_.threads.find(*stream.tid);
      if (at != facts_.threads.end()) stream.pid = known(at->second.pid);
    }
    if (settings_.clock && !aux.psbs.empty() && aux.psbs.front().tsc) {
      stream.first_ns = settings_.clock->to_ns(*aux.psbs.front().tsc);
    }
    streams_.push_back(stream);
  }
}

// Records of switches are exact. Else the AUX records of an event that follows
// tasks name the task that was traced; others name whoever ran by chance.
CpuTimeline Trace::timeline(uint32_t cpu) const {
  const auto at = facts_.cpus.find(cpu);
  if (at == facts_.cpus.end()) return {};
  const auto& [switches, owners] = at->second;
  if (has_time() && !switches.empty()) {
    std::vector<SwitchEvent> events = switches;
    for (SwitchEvent& event : events) {  // tracepoints know no process
      const auto thread = facts_.threads.find(event.tid);
      if (event.pid == ~0u && thread != facts_.threads.end()) {
        event.pid = thread->second.pid;
      }
    }
    return timeline_of_switches(std::move(events));
  }
  if (facts_.follows_tasks && !owners.empty()) {
    CpuTimeline made = timeline_of_owners(owners);
    if (has_time()) {  // the packets' is better
      for (CpuSlice& slice : made.slices) slice.time_ns = 0;
    }
    return made;
  }
  return {};
}

void Trace::find_lanes() {
  for (TraceStream& stream : streams_) {
    if (stream.tid || !stream.cpu) continue;
    CpuTimeline made = timeline(*stream.cpu);
    if (made.slices.empty()) continue;
    stream.timeline = std::make_shared<const CpuTimeline>(std::move(made));
    std::map<std::pair<uint32_t, uint32_t>, const TraceStream*> known_lanes;
    for (const CpuSlice& slice : stream.timeline->slices) {
      const TraceStream*& lane = known_lanes[{slice.pid, slice.tid}];
      if (lane == nullptr) {
        lane = &lanes_.emplace_back(TraceStream{.aux = stream.aux,
                                                .pid = known(slice.pid),
                                                .tid = known(slice.tid),
                                                .cpu = stream.cpu,
                                                .first_ns = stream.first_ns});
      }
      stream.lanes.push_back(lane);
    }
  }
}

bool Trace::has_order() const {
  if (has_time()) return true;
  return std::all_of(
      streams_.begin(), streams_.end(),
      [](const TraceStream& stream) { return stream.time_of_slice(0) != 0; });
}

uint64_t Trace::first_ns() const {
  uint64_t first = facts_.first_ns.value_or(0);
  for (const TraceStream& stream : streams_) {
    if (stream.first_ns != 0 && (first == 0 || stream.first_ns < first)) {
      first = stream.first_ns;
    }
  }
  return first;
}

std::unique_ptr<AuxBytes> Trace::bytes(const TraceStream& stream) const {
  std::vector<uint64_t> losses;
  for (const AuxLoss& loss : facts_.losses) {
    const bool same = stream.tid ? loss.tid == *stream.tid
                                 : stream.cpu && loss.cpu == *stream.cpu;
    if (same) losses.push_back(loss.end);
  }
  std::sort(losses.begin(), losses.end());
  return std::make_unique<Bytes>(reader_, *stream.aux, std::move(losses));
}

StreamCode Trace::code(const TraceStream& stream) {
  if (stream.timeline) {
    return {stream.timeline, [this, idx = stream.aux->idx](uint32_t pid) {
              return spaces_.code(pid, idx);
            }};
  }
  return spaces_.code(stream.pid.value_or(~0u), stream.aux->idx);
}

ModuleMap Trace::modules(const TraceStream& stream) const {
  return spaces_.modules(stream.pid.value_or(~0u));
}

namespace {

// An engine with the bytes that it borrows.
class OwningEngine : public FlowEngine {
 public:
  OwningEngine(std::unique_ptr<AuxBytes> bytes,
               std::unique_ptr<FlowEngine> engine)
      : bytes_(std::move(bytes)), engine_(std::move(engine)) {}

  bool next(FlowBatch& batch) override { return engine_->next(batch); }

 private:
  std::unique_ptr<AuxBytes> bytes_;
  std::unique_ptr<FlowEngine> engine_;
};

}  // namespace

namespace {

// Each engine learns on its own, so with many streams open at once each gets a
// smaller part.
uint64_t memory_limit(size_t streams) {
  constexpr uint64_t kAll = 512 << 20;
  constexpr uint64_t kSmallest = 8 << 20;
  return std::max(kAll / std::max<size_t>(streams, 1), kSmallest);
}

constexpr size_t kMaxFastStreams = 128;

}  // namespace

// What MTC and CYC say depends on all that came before, which libipt knows; the
// fast engine counts no cycles.
bool Trace::fast_applies(const StreamInput& input) const {
  if (!options_.fast || facts_.has_bts || streams_.size() > kMaxFastStreams ||
      input.code.has_slices()) {
    return false;
  }
  if (!facts_.pt) return true;
  const uint64_t config = facts_.pt_config;
  if ((config & facts_.pt->cyc_bit) != 0) return false;
  return !input.settings.clock || (config & facts_.pt->mtc_bit) == 0;
}

// Where only TSC packets say the time. Code that changes must not change
// earlier for who looks at it by the time of an item than for the engine.
bool Trace::interpolates(const StreamInput& input) const {
  if (!input.settings.clock || facts_.has_bts || input.events != nullptr ||
      !facts_.pt) {
    return false;
  }
  const uint64_t fine_time = facts_.pt->mtc_bit | facts_.pt->cyc_bit;
  return (facts_.pt_config & fine_time) == 0 &&
         input.code.constant_view() != nullptr;
}

StreamInput Trace::input(const AuxBytes& bytes, const TraceStream& stream,
                         const StreamPart& part) {
  return {&bytes, code(stream), settings_, part.begin, part.end};
}

std::unique_ptr<FlowEngine> Trace::open(const TraceStream& stream,
                                        const StreamPart& part) {
  auto bytes = this->bytes(stream);
  StreamInput input = this->input(*bytes, stream, part);
  if (!fast_applies(input)) return open_exact(stream, part);
  const bool interpolated = interpolates(input);
  std::unique_ptr<FlowEngine> engine = std::make_unique<fast::OrderedEngine>(
      std::move(input), sections_,
      fast::EngineOptions{.settings = settings_,
                          .limit_bytes = memory_limit(streams_.size())},
      window_size(streams_.size()));
  if (interpolated) {
    engine = std::make_unique<TimeInterpolator>(std::move(engine));
  }
  return std::make_unique<OwningEngine>(std::move(bytes), std::move(engine));
}

std::unique_ptr<FlowEngine> Trace::open_exact(const TraceStream& stream,
                                              const StreamPart& part,
                                              IptKind kind, EventLog* events) {
  auto bytes = this->bytes(stream);
  StreamInput input = this->input(*bytes, stream, part);
  input.events = events;
  // Of raw packets nobody knows.
  input.settings.cycles =
      facts_.pt &&
      (facts_.pt_config == 0 || (facts_.pt_config & facts_.pt->cyc_bit) != 0);
  const bool interpolated = interpolates(input);
  std::unique_ptr<FlowEngine> engine;
  if (facts_.has_bts) {
    engine = std::make_unique<BtsEngine>(std::move(input));
  } else {
    engine = std::make_unique<LibiptEngine>(std::move(input), sections_,
                                            window_size(streams_.size()), kind);
  }
  if (interpolated) {
    engine = std::make_unique<TimeInterpolator>(std::move(engine));
  }
  return std::make_unique<OwningEngine>(std::move(bytes), std::move(engine));
}

// ------------------------------------------------------------------- parts

namespace {

// Every PSB of a piece, read chunk by chunk; chunks overlap by what a PSB+ may
// take.
void find_psbs(const AuxBytes& bytes, const formats::AuxPiece& piece,
               std::vector<formats::PsbEntry>& psbs) {
  constexpr uint64_t kChunk = 1 << 20;
  std::vector<uint8_t> chunk(kChunk + kMaxPsbHeaderSize);
  const uint64_t end = piece.offset + piece.size;
  for (uint64_t at = piece.offset; at < end; at += kChunk) {
    const uint64_t size = bytes.read(
        at, std::span(chunk).first(std::min<uint64_t>(chunk.size(), end - at)));
    const auto read = std::span<const uint8_t>(chunk).first(size);
    uint64_t from = 0;
    while (const auto psb = find_sync(read, from)) {
      if (*psb >= kChunk) break;
      psbs.push_back({at + *psb, parse_psb_header(read.subspan(*psb)).tsc});
      from = *psb + pt::kPsbSize;
    }
  }
}

// Intervals of time, in order.
struct Interval {
  uint64_t begin = 0;
  uint64_t end = 0;
};

void append(std::vector<StreamPart>& parts, const StreamPart& part) {
  if (!parts.empty() && part.begin <= parts.back().end) {
    parts.back().end = std::max(parts.back().end, part.end);
  } else {
    parts.push_back(part);
  }
}

}  // namespace

const std::vector<formats::PsbEntry>& Trace::psbs(const TraceStream& stream) {
  if (!stream.aux->psbs.empty()) return stream.aux->psbs;
  const auto [at, is_new] = psbs_.try_emplace(stream.aux->idx);
  if (is_new && !facts_.has_bts) {
    const auto bytes = this->bytes(stream);
    for (const formats::AuxPiece& piece : bytes->pieces()) {
      find_psbs(*bytes, piece, at->second);
    }
  }
  return at->second;
}

std::vector<StreamPart> Trace::parts(
    const TraceStream& stream, uint64_t from_ns, uint64_t until_ns,
    const std::function<bool(const TraceStream& lane)>& wanted) {
  std::vector<Interval> intervals;
  bool all = from_ns == 0 && until_ns == ~0ull;
  if (!stream.timeline || stream.timeline->by_offset) {
    intervals.push_back({from_ns, until_ns});
  } else {
    const auto& slices = stream.timeline->slices;
    for (size_t i = 0; i < slices.size(); ++i) {
      if (!wanted(*stream.lanes[i])) {
        all = false;
        continue;
      }
      const uint64_t end =
          i + 1 < slices.size() ? slices[i + 1].begin : until_ns;
      const Interval part{std::max(slices[i].begin, from_ns),
                          std::min(end, until_ns)};
      if (part.begin < part.end) intervals.push_back(part);
    }
  }
  if (all || !settings_.clock) return {StreamPart()};
  // PSBs with their times, which go up.
  std::vector<std::pair<uint64_t, uint64_t>> starts;
  for (const formats::PsbEntry& psb : psbs(stream)) {
    if (!psb.tsc) continue;
    const uint64_t time = settings_.clock->to_ns(*psb.tsc);
    if (starts.empty() || time > starts.back().first) {
      starts.emplace_back(time, psb.offset);
    }
  }
  std::vector<StreamPart> parts;
  for (const Interval& interval : intervals) {
    StreamPart part;
    auto begin = std::lower_bound(starts.begin(), starts.end(),
                                  std::pair(interval.begin, uint64_t{0}));
    if (begin != starts.begin()) part.begin = std::prev(begin)->second;
    auto end = std::upper_bound(starts.begin(), starts.end(),
                                std::pair(interval.end, ~uint64_t{0}));
    // One more tells the times in front of it.
    if (end != starts.end()) {
      const auto behind = std::next(end);
      if (behind != starts.end()) part.end = behind->second;
    }
    // Nothing can be decoded in front of the first PSB.
    if (end == starts.begin() && end != starts.end()) continue;
    append(parts, part);
  }
  return parts;
}

}  // namespace ptcap::decode
