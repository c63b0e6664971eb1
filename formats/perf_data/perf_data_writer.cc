// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf_data/perf_data_writer.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "bindings/abi/attr_constants.h"
#include "bindings/abi/record_constants.h"
#include "formats/io/output_file.h"
#include "formats/perf/user_records.h"
#include "formats/perf_data/layout.h"
#include "formats/ptz/layout.h"

namespace ptcap::formats {

namespace {

using perf_data::FileHeader;
using perf_data::Section;
using ptz::kAuxtraceHeaderSize;
using ptz::kRecordHeaderSize;

// Of AUX data in one AUXTRACE record: a multiple of 8, and of the 24 bytes of a
// BTS record.
constexpr uint64_t kAuxStep = 3 << 20;

UserRecordType type_of(Bytes record) {
  return static_cast<UserRecordType>(ByteReader(record).u32());
}

bool is_sample(Bytes record) {
  return ByteReader(record).u32() == abi::bits(abi::RecordType::kSample);
}

// Whether a record of the head is as long as it must be; reading takes any.
bool is_whole(Bytes record) {
  switch (type_of(record)) {
    case UserRecordType::kHeaderAttr:
      return record.size() >= kRecordHeaderSize + perf_data::kMinAttrSize;
    case UserRecordType::kHeaderFeature:
      return record.size() >= kRecordHeaderSize + sizeof(uint64_t);
    default:
      return true;
  }
}

// Features that are about the container that the trace comes from.
bool is_about_container(HeaderFeature feature) {
  return feature == HeaderFeature::kAuxtrace ||
         feature == HeaderFeature::kDirFormat ||
         feature == HeaderFeature::kCompressed;
}

HeaderFeature feature_of(Bytes record) {
  return static_cast<HeaderFeature>(
      ByteReader(record.subspan(kRecordHeaderSize)).u64());
}

// What a file has in its head and a stream as records.
class Head {
 public:
  // Whether it belongs there.
  static bool has(Bytes record);

  void take(Bytes record);

  // In order of their bits.
  const std::map<uint64_t, Buffer>& features() const { return features_; }

  // Attrs one behind the other, all of the same size, as perf wants it, each
  // with the section of its ids; those stand at `ids_offset`. `sample_type` is
  // added to that of each.
  Buffer attrs(uint64_t ids_offset, uint64_t sample_type) const;
  uint64_t attr_size() const { return attr_size_ + sizeof(Section); }
  const Buffer& ids() const { return ids_; }

 private:
  struct Attr {
    Buffer bytes;
    Section ids;  // within ids_
  };

  void take_attr(Bytes body);
  void take_feature(Bytes body);
  void append_feature(HeaderFeature feature, Bytes bytes);

  std::vector<Attr> attrs_;
  uint64_t attr_size_ = perf_data::kMinAttrSize;
  Buffer ids_;
  std::map<uint64_t, Buffer> features_;
};

bool Head::has(Bytes record) {
  switch (type_of(record)) {
    case UserRecordType::kHeaderAttr:
    case UserRecordType::kHeaderEventType:
    case UserRecordType::kHeaderFeature:
    case UserRecordType::kHeaderTracingData:
    case UserRecordType::kHeaderBuildId:
      return true;
    default:
      return false;
  }
}

void Head::take(Bytes record) {
  const Bytes body = record.subspan(kRecordHeaderSize);
  switch (type_of(record)) {
    case UserRecordType::kHeaderAttr:
      return take_attr(body);
    case UserRecordType::kHeaderFeature:
      return take_feature(body);
    case UserRecordType::kHeaderTracingData: {
      ByteReader reader(body);
      const uint32_t size = reader.u32();
      return append_feature(HeaderFeature::kTracingData, reader.take(size));
    }
    case UserRecordType::kHeaderBuildId:
      return append_feature(HeaderFeature::kBuildId, record);
    default:
      break;
  }
}

void Head::take_attr(Bytes body) {
  ByteReader reader(body.subspan(perf_data::kAttrSizeOffset));
  const uint64_t size =
      std::clamp<uint64_t>(reader.u32(), perf_data::kMinAttrSize, body.size());
  const Bytes ids = body.subspan(size);
  attrs_.push_back({.bytes = Buffer(body.begin(), body.begin() + size),
                    .ids = {.offset = ids_.size(), .size = ids.size()}});
  attr_size_ = std::max(attr_size_, size);
  ByteWriter(ids_).bytes(ids);
}

void Head::take_feature(Bytes body) {
  ByteReader reader(body);
  const auto feature = static_cast<HeaderFeature>(reader.u64());
  const auto bit = static_cast<uint64_t>(feature);
  if (bit == 0 || bit >= perf_data::kFeatureWords * 64) return;
  features_[bit].clear();  // the last one counts
  append_feature(feature, reader.rest());
}

void Head::append_feature(HeaderFeature feature, Bytes bytes) {
  ByteWriter(features_[static_cast<uint64_t>(feature)]).bytes(bytes);
}

Buffer Head::attrs(uint64_t ids_offset, uint64_t sample_type) const {
  Buffer all;
  ByteWriter writer(all);
  for (const Attr& attr : attrs_) {
    Buffer bytes = attr.bytes;
    bytes.resize(attr_size_);
    const auto size = static_cast<uint32_t>(attr_size_);
    std::memcpy(bytes.data() + perf_data::kAttrSizeOffset, &size, sizeof(size));
    uint64_t type = 0;
    uint8_t* const at = bytes.data() + perf_data::kAttrSampleTypeOffset;
    std::memcpy(&type, at, sizeof(type));
    type |= sample_type;
    std::memcpy(at, &type, sizeof(type));
    writer.bytes(bytes);
    writer.value(
        Section{.offset = ids_offset + attr.ids.offset, .size = attr.ids.size});
  }
  return all;
}

class PerfDataWriter {
 public:
  PerfDataWriter(const TraceReader& trace, OutputFile file)
      : trace_(trace), file_(std::move(file)) {}

  PerfDataSummary write_pipe();
  PerfDataSummary write_file();

 private:
  // Collects, so that records need no write each.
  void put(Bytes bytes) {
    constexpr size_t kBufferSize = 256 << 10;
    ByteWriter(buffer_).bytes(bytes);
    if (buffer_.size() >= kBufferSize) flush();
  }
  void flush() {
    if (!buffer_.empty()) file_.append({buffer_});
    buffer_.clear();
  }
  uint64_t position() const { return file_.size() + buffer_.size(); }

  // Visits the records that perf.data can hold.
  void for_each_record(const std::function<void(Bytes)>& visit);
  void put_aux();
  void put_piece(const AuxStream& stream, const AuxPiece& piece);
  void put_auxtrace(const AuxStream& stream, const AuxPiece& part,
                    uint64_t padding);
  void put_features(const Head& head, FileHeader& header);

  const TraceReader& trace_;
  OutputFile file_;
  Buffer buffer_;
  Buffer auxtrace_index_;  // of the AUXTRACE feature, without its count
  PerfDataSummary summary_;
};

PerfDataSummary PerfDataWriter::write_pipe() {
  ByteWriter writer(buffer_);
  writer.u64(perf_data::kMagic);
  writer.u64(perf_data::kPipeHeaderSize);
  for_each_record([this](Bytes record) { put(record); });
  put_aux();
  flush();
  file_.close();
  return summary_;
}

PerfDataSummary PerfDataWriter::write_file() {
  Head head;
  bool has_samples = false;
  for_each_record([&](Bytes record) {
    head.take(record);
    has_samples |= is_sample(record);
  });
  // `perf script` prints no addresses of an event without; what perf makes of
  // AUX data has them always. No record but SAMPLE depends on it.
  const uint64_t added = has_samples ? 0 : abi::bits(abi::SampleType::kIp);

  // Written over at the end: until then this is no perf.data.
  FileHeader header = {.size = perf_data::kFileHeaderSize,
                       .attr_size = head.attr_size()};
  put(Buffer(sizeof(header)));
  const Buffer attrs = head.attrs(position(), added);
  put(head.ids());
  header.attrs = {.offset = position(), .size = attrs.size()};
  put(attrs);

  header.data.offset = position();
  for_each_record([this](Bytes record) {
    if (!Head::has(record)) put(record);
  });
  put_aux();
  header.data.size = position() - header.data.offset;
  put_features(head, header);
  flush();
  Buffer bytes;
  ByteWriter(bytes).value(header);
  file_.overwrite(0, bytes);
  file_.close();
  return summary_;
}

void PerfDataWriter::for_each_record(const std::function<void(Bytes)>& visit) {
  summary_.records = summary_.unknown_records = 0;
  trace_.for_each_record([&](Bytes record, uint64_t) {
    if (!ptz::perf_knows(static_cast<uint32_t>(type_of(record))) ||
        !is_whole(record)) {
      ++summary_.unknown_records;
      return;
    }
    ++summary_.records;
    if (type_of(record) == UserRecordType::kHeaderFeature &&
        is_about_container(feature_of(record))) {
      return;
    }
    visit(record);
  });
}

void PerfDataWriter::put_aux() {
  for (const AuxStream& stream : trace_.aux_streams()) {
    for (const AuxPiece& piece : stream.pieces) put_piece(stream, piece);
  }
}

void PerfDataWriter::put_piece(const AuxStream& stream, const AuxPiece& piece) {
  Buffer data;
  for (uint64_t done = 0; done < piece.size; done += data.size()) {
    const uint64_t wanted = std::min(kAuxStep, piece.size - done);
    data.resize(wanted);
    const uint64_t offset = piece.offset + done;
    data.resize(trace_.read_aux(stream, offset, data));
    if (data.empty()) {
      summary_.lost_aux_bytes += piece.size - done;
      return;
    }
    const uint64_t padding = (0 - data.size()) % 8;
    put_auxtrace(
        stream,
        {.offset = offset, .size = data.size(), .reference = piece.reference},
        padding);
    put(data);
    put(Buffer(padding));
    summary_.aux_bytes += data.size();
  }
}

void PerfDataWriter::put_auxtrace(const AuxStream& stream, const AuxPiece& part,
                                  uint64_t padding) {
  ByteWriter index(auxtrace_index_);
  index.u64(position());
  index.u64(kAuxtraceHeaderSize);
  Buffer record;
  ByteWriter writer(record);
  writer.u32(static_cast<uint32_t>(UserRecordType::kAuxtrace));
  writer.u16(0);
  writer.u16(kAuxtraceHeaderSize);
  writer.u64(part.size + padding);
  writer.u64(part.offset);
  writer.u64(part.reference);
  writer.u32(stream.idx);
  writer.u32(stream.tid);
  writer.u32(stream.cpu);
  writer.u32(0);
  put(record);
}

// Behind the data: the table of sections, then those.
void PerfDataWriter::put_features(const Head& head, FileHeader& header) {
  std::map<uint64_t, Buffer> features = head.features();
  if (!auxtrace_index_.empty()) {
    Buffer& index = features[static_cast<uint64_t>(HeaderFeature::kAuxtrace)];
    ByteWriter writer(index);
    writer.u64(auxtrace_index_.size() / sizeof(Section));
    writer.bytes(auxtrace_index_);
  }
  Buffer table;
  ByteWriter writer(table);
  uint64_t offset = position() + features.size() * sizeof(Section);
  for (const auto& [bit, bytes] : features) {
    header.features[bit / 64] |= uint64_t{1} << bit % 64;
    writer.value(Section{.offset = offset, .size = bytes.size()});
    offset += bytes.size();
  }
  put(table);
  for (const auto& [bit, bytes] : features) put(bytes);
}

}  // namespace

PerfDataSummary write_perf_data(const TraceReader& trace, int fd,
                                const std::string& path, PerfDataForm form) {
  PerfDataWriter writer(trace, OutputFile(UniqueFd(fd), path));
  return form == PerfDataForm::kPipe ? writer.write_pipe()
                                     : writer.write_file();
}

}  // namespace ptcap::formats
