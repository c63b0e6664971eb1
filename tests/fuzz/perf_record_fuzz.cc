// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Any bytes as perf records of any event: parsed, looked at, built again and
// parsed once more, which must give the same bytes.

#include <algorithm>
#include <cstdlib>

#include "formats/io/error.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/header_feature.h"
#include "formats/perf/record_builder.h"

namespace ptcap::formats {
namespace {

// The first bytes of the input decide what the event asked for.
RecordFormat take_format(ByteReader& input) {
  RecordFormat format;
  format.sample_type = input.u32();
  format.branch_sample_type = input.u32();
  format.sample_regs_user = input.u64();
  format.sample_regs_intr = input.u64();
  format.read_format = input.u8();
  format.sample_id_all = input.u8() & 1;
  format.update();
  return format;
}

uint64_t sum(Bytes bytes) {
  uint64_t total = 0;
  for (uint8_t byte : bytes) total += byte;
  return total;
}

// What is read out of a record only when somebody asks.
uint64_t look_into(const Record& record) {
  uint64_t total = 0;
  if (const auto* info = std::get_if<AuxtraceInfoRecord>(&record.body)) {
    if (info->type == AuxtraceType::kIntelPt)
      total += parse_intel_pt_info(*info).filter.size();
    if (info->type == AuxtraceType::kIntelBts)
      total += parse_intel_bts_info(*info).pmu_type;
  }
  if (const auto* feature = std::get_if<HeaderFeatureRecord>(&record.body)) {
    if (feature->feature == HeaderFeature::kCmdline)
      total += parse_cmdline_feature(feature->data).size();
    else
      total += parse_string_feature(feature->data).size();
  }
  if (const auto* sample = std::get_if<Sample>(&record.body)) {
    for (size_t i = 0; i < sample->read.size(); ++i)
      total += sample->read[i].value;
    for (auto branch : sample->branches.entries) total += branch.from;
    for (unsigned bit = 0; bit < 64; ++bit)
      total += sample->user_registers[bit].value_or(0) +
               sample->interrupt_registers[bit].value_or(0);
    total +=
        sum(sample->raw) + sum(sample->aux) + sum(sample->user_stack.bytes);
  }
  return total + sum(record.extra) + payload_size(record);
}

// Padding and what is newer than the fields known here are not built again,
// so it is the second round that has to be stable.
void check_round_trip(const Record& record, const RecordFormat& format) {
  RecordBuilder builder(format);
  std::vector<uint8_t> once, twice;
  uint16_t misc = record.header.misc;
  builder.append(once, record.body, record.sample_id, misc);
  Record again = parse_record(once, format);
  if (again.body.index() != record.body.index()) std::abort();
  builder.append(twice, again.body, again.sample_id, again.header.misc);
  if (once != twice) std::abort();
}

void parse_all(ByteReader& input) {
  const RecordFormat format = take_format(input);
  Bytes rest = input.rest();
  while (!rest.empty()) {
    Record record = parse_record(rest, format);
    rest = rest.subspan(record.header.size);
    try {
      asm volatile("" : : "r"(look_into(record)));
    } catch (const FormatError&) {
      // of the part that was looked into
    }
    check_round_trip(record, format);
  }
}

}  // namespace
}  // namespace ptcap::formats

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    ptcap::formats::ByteReader input({data, size});
    ptcap::formats::parse_all(input);
  } catch (const ptcap::formats::FormatError&) {
  } catch (const std::length_error&) {
    // A record that grows beyond 64 KiB by the padding that it lacked.
  }
  return 0;
}
