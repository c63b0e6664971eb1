// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/record_format.h"

#include <bit>

#include "bindings/abi/record_constants.h"
#include "bindings/abi/record_structs.h"

namespace ptcap::formats {

using abi::SampleType;

namespace {

constexpr uint64_t kSampleIdBits =
    bits(SampleType::kTid | SampleType::kTime | SampleType::kId |
         SampleType::kStreamId | SampleType::kCpu | SampleType::kIdentifier);
constexpr size_t kHeaderSize = sizeof(abi::perf_event_header);
constexpr size_t kIdSize = sizeof(uint64_t);

}  // namespace

RecordFormat RecordFormat::of(const abi::perf_event_attr& attr) {
  RecordFormat format;
  format.sample_type = attr.sample_type;
  format.read_format = attr.read_format;
  format.branch_sample_type = attr.branch_sample_type;
  format.sample_regs_user = attr.sample_regs_user;
  format.sample_regs_intr = attr.sample_regs_intr;
  format.sample_id_all = attr.sample_id_all;
  format.update();
  return format;
}

void RecordFormat::update() {
  // Each of the six parts takes one word.
  constexpr uint64_t kWordSize = 8;
  sample_id_size_ = kWordSize * std::popcount(sample_type & kSampleIdBits);
}

void EventFormats::add(const abi::perf_event_attr& attr,
                       ArrayView<uint64_t> ids) {
  for (uint64_t id : ids) index_of_id_[id] = formats_.size();
  formats_.push_back(RecordFormat::of(attr));
  all_have_identifier_ &= has(attr.sample_type, SampleType::kIdentifier);
}

const RecordFormat& EventFormats::of_record(Bytes record) const {
  if (formats_.empty()) return none_;
  if (formats_.size() == 1 || !all_have_identifier_) return formats_.front();
  // The identifier is the first word of a sample and the last of the others.
  if (record.size() < kHeaderSize + kIdSize) return formats_.front();
  ByteReader reader(record);
  auto header = reader.value<abi::perf_event_header>();
  if (header.type == bits(abi::RecordType::kSample)) return by_id(reader.u64());
  if (!formats_.front().sample_id_all) return formats_.front();
  return by_id(ByteReader(record.last(kIdSize)).u64());
}

const RecordFormat& EventFormats::by_id(uint64_t id) const {
  // Records that perf makes up itself have id 0.
  auto found = index_of_id_.find(id);
  return formats_[found == index_of_id_.end() ? 0 : found->second];
}

}  // namespace ptcap::formats
