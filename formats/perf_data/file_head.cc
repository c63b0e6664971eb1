// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf_data/file_head.h"

#include <algorithm>
#include <cstring>

#include "formats/io/error.h"
#include "formats/perf/user_records.h"

namespace ptcap::formats::perf_data {

namespace {

constexpr uint64_t kRecordHeaderSize = 4 + 2 + 2;  // type, misc, size
constexpr uint64_t kMaxRecordSize = 0xfff8;        // 16 bits, a multiple of 8
constexpr uint64_t kFeatureRecordHeader = kRecordHeaderSize + 8;
constexpr uint64_t kSectionSize = 16;
// Of a feature; the largest real ones are the formats of all tracepoints.
constexpr uint64_t kMaxFeatureSize = 64 << 20;

// Appends a record's header, then the caller its body.
Buffer begin_record(UserRecordType type, uint64_t size) {
  Buffer bytes;
  ByteWriter writer(bytes);
  writer.u32(static_cast<uint32_t>(type));
  writer.u16(0);
  writer.u16(static_cast<uint16_t>(size));
  return bytes;
}

class HeadReader {
 public:
  HeadReader(const InputFile& file, Reporter& reporter)
      : file_(file),
        reporter_(reporter),
        budget_(file.size() + kMaxFeatureSize) {}

  FileHead read() {
    read_header();
    read_attrs();
    clip_data();
    read_features();
    return std::move(head_);
  }

 private:
  void read_header();
  void read_attrs();
  void read_attr(uint64_t offset);
  void clip_data();
  void read_features();
  void read_feature(HeaderFeature feature, Section section);
  void add_tracing_data(Section section, const Buffer& data);
  void add_build_ids(Section section, const Buffer& data);

  void add(Buffer bytes, uint64_t offset) {
    head_.records.push_back({.bytes = std::move(bytes), .offset = offset});
  }
  void report(uint64_t offset, const std::string& what) {
    head_.damaged = true;
    reporter_.warn(file_.name() + ": " + what + " at offset " +
                   std::to_string(offset));
  }
  // Whether it is in the file, and the sections read so far are no larger than
  // the file: else those of many attrs could all be the same large one.
  bool take(Section section) {
    if (!fits(section) || section.size > budget_) return false;
    budget_ -= section.size;
    return true;
  }
  bool fits(Section section) const {
    return section.offset <= file_.size() &&
           section.size <= file_.size() - section.offset;
  }

  const InputFile& file_;
  Reporter& reporter_;
  FileHeader header_;
  FileHead head_;
  uint64_t budget_;
};

void HeadReader::read_header() {
  // Before Linux 2.6.34 there were no features.
  constexpr uint64_t kWithoutFeatures = kFileHeaderSize - kFeatureWords * 8;
  Buffer bytes(kFileHeaderSize);
  bytes.resize(file_.read_at(0, bytes));
  if (bytes.size() < kWithoutFeatures) {
    throw FormatError(bytes.size(), file_.name() + ": perf.data header cut");
  }
  bytes.resize(kFileHeaderSize);
  std::memcpy(&header_, bytes.data(), sizeof(header_));
  if (header_.size < kWithoutFeatures || header_.size > (1 << 16)) {
    throw FormatError(8, file_.name() + ": perf.data header of " +
                             std::to_string(header_.size) +
                             " bytes: neither 16 (pipe) nor 104 (file)");
  }
  if (header_.size < kFileHeaderSize) {
    std::fill(std::begin(header_.features), std::end(header_.features), 0);
  }
}

void HeadReader::read_attrs() {
  constexpr uint64_t kAttrSizeField = 16;
  if (header_.attr_size < kMinAttrSize + kSectionSize ||
      header_.attr_size > kMaxRecordSize) {
    report(kAttrSizeField,
           "attrs of " + std::to_string(header_.attr_size) + " bytes each");
    return;
  }
  if (!fits(header_.attrs)) {
    report(header_.attrs.offset, "attrs beyond the end of the file");
    return;
  }
  const uint64_t count = header_.attrs.size / header_.attr_size;
  for (uint64_t i = 0; i < count; ++i) {
    read_attr(header_.attrs.offset + i * header_.attr_size);
  }
}

// The ids stand somewhere else in the file.
void HeadReader::read_attr(uint64_t offset) {
  const Buffer entry = file_.read_exactly(offset, header_.attr_size);
  ByteReader reader(entry, offset);
  Bytes attr = reader.take(header_.attr_size - kSectionSize);
  const auto ids = reader.value<Section>();
  const uint64_t size = ByteReader(attr.subspan(kAttrSizeOffset)).u32();
  if (size < kMinAttrSize || size > attr.size()) {
    report(offset, "an attr that says " + std::to_string(size) + " bytes");
    return;
  }
  attr = attr.first(size);
  Buffer all;
  if (ids.size % sizeof(uint64_t) != 0 || !take(ids)) {
    report(ids.offset,
           "ids of an attr: " + std::to_string(ids.size) + " bytes");
  } else {
    all = file_.read_exactly(ids.offset, ids.size);
  }
  const uint64_t room = (kMaxRecordSize - kRecordHeaderSize - size) /
                        sizeof(uint64_t) * sizeof(uint64_t);
  Bytes left = all;
  do {
    const Bytes part = left.first(std::min<uint64_t>(left.size(), room));
    Buffer record = begin_record(UserRecordType::kHeaderAttr,
                                 kRecordHeaderSize + size + part.size());
    ByteWriter writer(record);
    writer.bytes(attr);
    writer.bytes(part);
    add(std::move(record), offset);
    left = left.subspan(part.size());
  } while (!left.empty());
}

// A perf that was killed leaves a data size of 0.
void HeadReader::clip_data() {
  Section data = header_.data;
  if (data.offset > file_.size()) {
    throw FormatError(data.offset, file_.name() + ": no data: they begin");
  }
  const uint64_t most = file_.size() - data.offset;
  if (data.size == 0 && most != 0) {
    report(data.offset, "data without size (perf did not finish)");
    data.size = most;
  } else if (data.size > most) {
    report(data.offset, "data of " + std::to_string(data.size) +
                            " bytes, of which the file has " +
                            std::to_string(most));
    data.size = most;
  }
  head_.data = data;
}

// The table has an entry for each bit that is set, in their order.
void HeadReader::read_features() {
  uint64_t at = header_.data.offset + header_.data.size;
  if (header_.data.size == 0 || at < header_.data.offset) return;
  for (uint64_t bit = 0; bit < kFeatureWords * 64; ++bit) {
    if ((header_.features[bit / 64] >> (bit % 64) & 1) == 0) continue;
    if (!fits({.offset = at, .size = kSectionSize})) {
      report(at, "the table of features beyond the end of the file");
      return;
    }
    const Buffer entry = file_.read_exactly(at, kSectionSize);
    read_feature(static_cast<HeaderFeature>(bit),
                 ByteReader(entry).value<Section>());
    at += kSectionSize;
  }
}

void HeadReader::read_feature(HeaderFeature feature, Section section) {
  const std::string name =
      "feature " + std::to_string(static_cast<uint64_t>(feature));
  if (section.size > kMaxFeatureSize || !take(section)) {
    report(section.offset,
           name + " of " + std::to_string(section.size) + " bytes");
    return;
  }
  // An index of what the reader finds by itself.
  if (feature == HeaderFeature::kAuxtrace) return;
  const Buffer data = file_.read_exactly(section.offset, section.size);
  if (feature == HeaderFeature::kTracingData) {
    return add_tracing_data(section, data);
  }
  if (feature == HeaderFeature::kBuildId) return add_build_ids(section, data);
  const uint64_t size = (kFeatureRecordHeader + data.size() + 7) / 8 * 8;
  if (size > kMaxRecordSize) {
    report(section.offset, name + " too large for a record");
    return;
  }
  Buffer record = begin_record(UserRecordType::kHeaderFeature, size);
  ByteWriter writer(record);
  writer.u64(static_cast<uint64_t>(feature));
  writer.bytes(data);
  writer.zeros(size - record.size());
  add(std::move(record), section.offset);
}

void HeadReader::add_tracing_data(Section section, const Buffer& data) {
  constexpr uint64_t kSize = kRecordHeaderSize + 4;
  Buffer record = begin_record(UserRecordType::kHeaderTracingData, kSize);
  ByteWriter writer(record);
  writer.u32(static_cast<uint32_t>(data.size()));
  writer.bytes(data);
  writer.zeros((0 - data.size()) % 8);
  add(std::move(record), section.offset);
}

// Records already, but for their type, which perf leaves 0.
void HeadReader::add_build_ids(Section section, const Buffer& data) {
  ByteReader reader(data, section.offset);
  while (reader.remaining() >= kRecordHeaderSize) {
    const uint64_t offset = reader.offset();
    reader.skip(sizeof(uint32_t));
    const uint16_t misc = reader.u16();
    const uint16_t size = reader.u16();
    if (size < kRecordHeaderSize ||
        size - kRecordHeaderSize > reader.remaining()) {
      report(offset, "a build-id of " + std::to_string(size) + " bytes");
      return;
    }
    Buffer record = begin_record(UserRecordType::kHeaderBuildId, size);
    std::memcpy(record.data() + sizeof(uint32_t), &misc, sizeof(misc));
    ByteWriter(record).bytes(reader.take(size - kRecordHeaderSize));
    add(std::move(record), offset);
  }
}

}  // namespace

FileHead read_file_head(const InputFile& file, Reporter& reporter) {
  return HeadReader(file, reporter).read();
}

}  // namespace ptcap::formats::perf_data
