// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf_data/aux_samples.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bindings/abi/attr_constants.h"
#include "formats/io/byte_writer.h"
#include "formats/perf/record.h"
#include "formats/pt/scanner.h"

namespace ptcap::formats::perf_data {

namespace {

// Between two samples that do not touch.
constexpr uint64_t kHole = 8;

std::optional<PsbEntry> first_timed_psb(Bytes bytes) {
  for (auto at = pt::find_psb(bytes, 0); at;
       at = pt::find_psb(bytes, *at + pt::kPsbSize)) {
    if (const auto tsc = pt::psb_tsc(bytes, *at)) {
      return PsbEntry{.offset = *at, .tsc = tsc};
    }
  }
  return std::nullopt;
}

}  // namespace

size_t overlap(Bytes before, Bytes next) {
  const auto psb = first_timed_psb(next);
  if (!psb) return 0;
  for (auto at = pt::find_psb(before, 0); at;
       at = pt::find_psb(before, *at + pt::kPsbSize)) {
    if (*at < psb->offset || pt::psb_tsc(before, *at) != psb->tsc) continue;
    const Bytes end = before.subspan(*at - psb->offset);
    if (end.size() > next.size()) continue;
    if (std::equal(end.begin(), end.end(), next.begin())) return end.size();
  }
  return 0;
}

std::optional<AuxSamples::Part> AuxSamples::find(Bytes record,
                                                 uint64_t offset) {
  const uint32_t type = parse_record_header(record, offset).type;
  if (type == static_cast<uint32_t>(UserRecordType::kHeaderAttr)) {
    const Record parsed = parse_record(record, {}, offset);
    const auto& body = std::get<HeaderAttrRecord>(parsed.body);
    formats_.add(body.attr, body.ids);
    if (abi::has(body.attr.sample_type, abi::SampleType::kAux)) any_ = true;
    return std::nullopt;
  }
  if (!any_ || type != abi::bits(abi::RecordType::kSample)) return std::nullopt;
  const Record parsed =
      parse_record(record, formats_.of_record(record), offset);
  const auto& sample = std::get<formats::Sample>(parsed.body);
  if (sample.aux.empty()) return std::nullopt;
  return Part{sample.tid, sample.cpu, sample.time, sample.aux};
}

void AuxSamples::add(const Part& part, ptz::AuxLocation location) {
  samples_[part.tid].push_back(
      {part.cpu, part.time, part.data.size(), location});
}

void AuxSamples::finish(ptz::AuxIndex& index,
                        const ptz::AuxIndex::Fetch& fetch) {
  uint32_t idx = kFirstIdx;
  for (auto& [tid, samples] : samples_) {
    // Those of two CPUs may stand in any order.
    std::stable_sort(
        samples.begin(), samples.end(),
        [](const Sample& a, const Sample& b) { return a.time < b.time; });
    uint64_t end = 0;
    Buffer last, data;
    for (const Sample& sample : samples) {
      data.resize(sample.size);
      data.resize(fetch(sample.location, data));
      const bool first = &sample == samples.data();
      const bool same_cpu = !first && (&sample)[-1].cpu == sample.cpu;
      const size_t known = same_cpu ? overlap(last, data) : 0;
      if (!first && known == 0) end += kHole;
      ptz::AuxInfo info{.idx = idx, .tid = tid, .offset = end};
      info.size = data.size() - known;
      info.reference = sample.time;
      end += info.size;
      ptz::AuxLocation location = sample.location;
      location.offset += known;
      if (info.size != 0) index.add(std::move(info), location);
      std::swap(last, data);
    }
    ++idx;
  }
  samples_.clear();
}

}  // namespace ptcap::formats::perf_data
