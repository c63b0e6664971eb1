// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/trace.h"

#include <intel-pt.h>

#include <algorithm>
#include <bit>

#include "decode/bts/engine.h"
#include "decode/libipt/engine.h"

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
  Bytes(const formats::TraceReader& reader, const formats::AuxStream& stream)
      : reader_(reader), stream_(stream) {}

  std::span<const formats::AuxPiece> pieces() const override {
    return stream_.pieces;
  }
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const override {
    return reader_.read_aux(stream_, offset, out);
  }

 private:
  const formats::TraceReader& reader_;
  const formats::AuxStream& stream_;
};

Trace::Trace(const std::string& path, const TraceOptions& options,
             formats::Reporter& reporter)
    : reader_(path, reporter),
      facts_(read_facts(reader_, reporter)),
      settings_(make_settings(reporter)),
      files_(options.sysroot, store_, reporter),
      spaces_(reader_, facts_, store_, files_),
      sections_(store_) {
  find_streams();
}

PtSettings Trace::make_settings(formats::Reporter& reporter) const {
  PtSettings settings;
  settings.cpu = parse_cpuid(facts_.cpuid);
  if (settings.cpu) {
    pt_errata errata = {};
    const pt_cpu cpu = {pcv_intel, settings.cpu->family, settings.cpu->model,
                        settings.cpu->stepping};
    if (pt_cpu_errata(&errata, &cpu) < 0) {
      reporter.warn("libipt does not know the CPU " + facts_.cpuid +
                    ": no errata are applied");
    }
  }
  if (has_time()) settings.clock = facts_.clock;
  settings.mode = mode_of(facts_.arch);
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
  return std::make_unique<Bytes>(reader_, *stream.aux);
}

StreamCode Trace::code(const TraceStream& stream) {
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

std::unique_ptr<FlowEngine> Trace::open(const TraceStream& stream,
                                        uint64_t from_ns, IptKind kind) {
  auto bytes = this->bytes(stream);
  StreamInput input{bytes.get(), code(stream), settings_, 0, ~0ull};
  if (from_ns != 0 && settings_.clock) {
    for (const formats::PsbEntry& psb : stream.aux->psbs) {
      if (!psb.tsc) continue;
      if (settings_.clock->to_ns(*psb.tsc) > from_ns) break;
      input.begin = psb.offset;
    }
  }
  std::unique_ptr<FlowEngine> engine;
  if (facts_.has_bts) {
    engine = std::make_unique<BtsEngine>(std::move(input));
  } else {
    engine = std::make_unique<LibiptEngine>(std::move(input), sections_,
                                            window_size(streams_.size()), kind);
  }
  return std::make_unique<OwningEngine>(std::move(bytes), std::move(engine));
}

}  // namespace ptcap::decode
