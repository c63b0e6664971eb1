// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf/header_feature.h"

#include "formats/io/error.h"
#include "formats/perf/record_builder.h"

namespace ptcap::formats {

namespace {

constexpr size_t kStringAlign = 64;  // NAME_ALIGN of perf

template <typename T>
void put(std::vector<uint8_t>& data, T value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  data.insert(data.end(), bytes, bytes + sizeof(T));
}

// Length, then the text with its NUL, padded; the length counts all of that.
void put_string(std::vector<uint8_t>& data, std::string_view text) {
  size_t size = text.size() / kStringAlign * kStringAlign + kStringAlign;
  put(data, static_cast<uint32_t>(size));
  data.insert(data.end(), text.begin(), text.end());
  data.insert(data.end(), size - text.size(), 0);
}

std::string_view take_string(ByteReader& reader) {
  uint32_t size = reader.u32();
  return reader.string_field(size);
}

void append(std::vector<uint8_t>& out, HeaderFeature feature,
            const std::vector<uint8_t>& data) {
  RecordBuilder().append(out, HeaderFeatureRecord{feature, data});
}

}  // namespace

std::string_view parse_string_feature(Bytes data) {
  ByteReader reader(data);
  return take_string(reader);
}

std::vector<std::string_view> parse_cmdline_feature(Bytes data) {
  ByteReader reader(data);
  uint32_t count = reader.u32();
  std::vector<std::string_view> arguments;
  for (uint32_t i = 0; i < count; ++i) arguments.push_back(take_string(reader));
  return arguments;
}

CpuCounts parse_cpu_counts_feature(Bytes data) {
  ByteReader reader(data);
  return {reader.u32(), reader.u32()};
}

uint64_t parse_total_mem_feature(Bytes data) { return ByteReader(data).u64(); }

SampleTimes parse_sample_times_feature(Bytes data) {
  ByteReader reader(data);
  return {reader.u64(), reader.u64()};
}

void append_string_feature(std::vector<uint8_t>& out, HeaderFeature feature,
                           std::string_view text) {
  std::vector<uint8_t> data;
  put_string(data, text);
  append(out, feature, data);
}

void append_cmdline_feature(std::vector<uint8_t>& out,
                            const std::vector<std::string>& arguments) {
  std::vector<uint8_t> data;
  put(data, static_cast<uint32_t>(arguments.size()));
  for (const std::string& argument : arguments) put_string(data, argument);
  append(out, HeaderFeature::kCmdline, data);
}

void append_cpu_counts_feature(std::vector<uint8_t>& out, CpuCounts counts) {
  std::vector<uint8_t> data;
  put(data, counts.available);
  put(data, counts.online);
  append(out, HeaderFeature::kNrCpus, data);
}

void append_total_mem_feature(std::vector<uint8_t>& out, uint64_t kib) {
  std::vector<uint8_t> data;
  put(data, kib);
  append(out, HeaderFeature::kTotalMem, data);
}

void append_sample_times_feature(std::vector<uint8_t>& out, SampleTimes times) {
  std::vector<uint8_t> data;
  put(data, times.first);
  put(data, times.last);
  append(out, HeaderFeature::kSampleTime, data);
}

}  // namespace ptcap::formats
