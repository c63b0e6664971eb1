// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/trace_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "formats/ptz/aux_buffer.h"
#include "formats/ptz/frame_file.h"
#include "formats/ptz/record_times.h"

namespace ptcap::formats {

namespace {

using namespace ptz;

constexpr uint64_t kMinFrameSize = 4 << 10;
// An image is written in parts of this size, so that a reader that needs a
// function of it does not decompress the rest.
constexpr uint64_t kImagePartSize = 1 << 20;
constexpr uint64_t kMappingsSize = 256 << 10;  // of one frame, about
constexpr size_t kMaxNameSize = 64 << 10;      // as PERF_RECORD_MMAP2 bounds it
constexpr size_t kMaxPendingLosses = 2048;
constexpr size_t kMaxDetailSize = 1 << 10;
// What a data frame of AUX data holds beside it: the record, and padding.
constexpr uint64_t kAuxOverhead = kAuxtraceHeaderSize + 8;

constexpr uint32_t kAuxtraceIntelPt = 1;

// Throws where the header does not say the size of the record. Returns its
// type.
uint32_t checked_type(Bytes record) {
  ByteReader reader(record);
  const uint32_t type = reader.u32();
  reader.skip(sizeof(uint16_t));
  uint64_t size = reader.u16();
  if (type == kRecordTracingData) size += (reader.u32() + 7ull) & ~7ull;
  if (type == kRecordAuxtrace || size != record.size() ||
      size > kMaxContentSize) {
    throw std::invalid_argument("perf record of type " + std::to_string(type) +
                                " says " + std::to_string(size) +
                                " bytes, has " + std::to_string(record.size()));
  }
  return type;
}

void append(Buffer& buffer, Bytes bytes) {
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
}

}  // namespace

class TraceWriter::Impl {
 public:
  Impl(OutputFile file, const TraceWriterOptions& options)
      : file_(std::move(file), options.level, options.threads),
        frame_size_(std::clamp<uint64_t>(options.frame_size_bytes,
                                         kMinFrameSize, kMaxContentSize)),
        buffer_limit_(options.buffer_limit_bytes) {
    write_header(options.creator);
    ByteWriter writer(records_);
    writer.u64(kPerfMagic);
    writer.u64(kPerfPipeHeaderSize);
  }

  void add_record(Bytes record) {
    const uint32_t type = checked_type(record);
    note_format(type, record);
    Buffer& buffer = perf_knows(type) ? records_ : foreign_;
    if (!buffer.empty() && buffer.size() + record.size() > frame_size_) {
      flush_records();
    }
    append(buffer, record);
    times_.note(record);
  }

  void add_aux(const AuxChunk& chunk) {
    Stream& stream = stream_of(chunk);
    account(stream, chunk);
    add_bytes(stream, chunk.data1, chunk.reference);
    add_bytes(stream, chunk.data2, chunk.reference);
    if (buffered_ > buffer_limit_) relieve();
  }

  void end_stream(uint32_t idx) {
    const auto found = streams_.find(idx);
    if (found == streams_.end()) return;
    emit_all(found->second);
    buffered_ -= found->second.buffer.capacity();
    streams_.erase(found);
  }

  ImageId add_image(Bytes bytes);

  void add_code_mapping(const CodeMapping& mapping) {
    if (mapping.name.size() > kMaxNameSize) {
      throw std::invalid_argument("a mapping's name of more than 64 KiB");
    }
    ByteWriter writer(mappings_);
    write_code_mapping(writer, mapping);
    if (mappings_.size() >= kMappingsSize) flush_mappings();
  }

  void add_loss(const Loss& loss) {
    ledger_.losses.push_back(loss);
    std::string& detail = ledger_.losses.back().detail;
    if (detail.size() > kMaxDetailSize) detail.resize(kMaxDetailSize);
    if (ledger_.losses.size() >= kMaxPendingLosses) write_ledger_frame(0);
  }
  void add_synthetic(uint64_t bytes) { ledger_.synthetic_bytes += bytes; }
  void set_produced(uint64_t bytes) { produced_ = bytes; }
  void set_level(int level) { file_.set_level(level); }

  void flush() {
    flush_records();
    for (auto& [idx, stream] : streams_) emit_all(stream);
    file_.flush();
  }

  void finish() {
    flush();
    write_ledger_frame(kLedgerComplete);
    file_.finish();
  }

  uint64_t bytes_written() const { return file_.size_bytes(); }

 private:
  struct Stream {
    AuxBuffer buffer;
    uint64_t end = 0;  // offset of the next byte
  };

  void write_header(const std::string& creator) {
    Buffer fields;
    ByteWriter writer(fields);
    writer.u16(kMajorVersion);
    writer.u16(kMinorVersion);
    writer.string(creator);
    file_.append_own(Tag::kHeader, fields, {}, {.kind = FrameKind::kOther});
  }

  // Only PT has PSBs to cut at.
  void note_format(uint32_t type, Bytes record) {
    if (type != kRecordAuxtraceInfo) return;
    ByteReader reader(record.subspan(kRecordHeaderSize));
    format_ =
        reader.u32() == kAuxtraceIntelPt ? AuxFormat::kPt : AuxFormat::kOther;
  }

  Stream& stream_of(const AuxChunk& chunk) {
    const auto found = streams_.find(chunk.idx);
    if (found != streams_.end()) return found->second;
    AuxBuffer buffer(chunk.idx, chunk.tid, chunk.cpu, chunk.offset);
    buffered_ += buffer.capacity();
    return streams_.emplace(chunk.idx, Stream{std::move(buffer)}).first->second;
  }

  // Where the chunk does not follow the one before, what is buffered is a
  // piece of its own.
  void account(Stream& stream, const AuxChunk& chunk) {
    if (chunk.offset < stream.end) {
      throw std::invalid_argument(
          "AUX stream " + std::to_string(chunk.idx) + " goes back from " +
          std::to_string(stream.end) + " to " + std::to_string(chunk.offset));
    }
    if (chunk.offset != stream.buffer.end_offset()) {
      emit_all(stream);
      stream.buffer.jump_to(chunk.offset);
    }
    const uint64_t size = chunk.data1.size() + chunk.data2.size();
    const uint64_t end = chunk.offset + size;
    spanned_ += end - stream.end;
    aux_bytes_ += size;
    stream.end = end;
  }

  void add_bytes(Stream& stream, Bytes bytes, uint64_t reference) {
    const uint64_t limit = frame_size_ - kAuxOverhead;
    while (!bytes.empty()) {
      const uint64_t before = stream.buffer.capacity();
      bytes = bytes.subspan(stream.buffer.append(bytes, limit, reference));
      buffered_ += stream.buffer.capacity() - before;
      if (stream.buffer.size() == limit) emit_full(stream);
    }
  }

  void emit_full(Stream& stream) {
    stream.buffer.emit_full(format_, [this](Bytes content, const AuxInfo& i) {
      write_aux_frame(content, i);
    });
  }

  void emit_all(Stream& stream) {
    if (stream.buffer.empty()) return;
    const uint64_t before = stream.buffer.capacity();
    stream.buffer.emit_all(format_, [this](Bytes content, const AuxInfo& i) {
      write_aux_frame(content, i);
    });
    buffered_ += stream.buffer.capacity() - before;
  }

  void write_aux_frame(Bytes content, const AuxInfo& info) {
    flush_records();
    file_.append_data(content, {.kind = FrameKind::kAux, .aux = info});
  }

  void relieve();

  // In this order: the code that records and flow are about first, and the
  // records before the AUX data that came later.
  void flush_records() {
    flush_mappings();
    if (!foreign_.empty()) {
      file_.append_own(Tag::kForeign, {}, foreign_,
                       {.kind = FrameKind::kForeign});
      foreign_.clear();
    }
    if (records_.empty()) return;
    file_.append_data(records_,
                      {.kind = FrameKind::kRecords, .records = times_.take()});
    records_.clear();
  }

  void flush_mappings() {
    if (mappings_.empty()) return;
    file_.append_own(Tag::kMappings, {}, mappings_,
                     {.kind = FrameKind::kMappings});
    mappings_.clear();
  }

  void write_ledger_frame(uint32_t flags) {
    ledger_.written_bytes = aux_bytes_ - ledger_.synthetic_bytes;
    ledger_.produced_bytes =
        produced_.value_or(spanned_ - ledger_.synthetic_bytes);
    Buffer fields;
    ByteWriter(fields).u32(flags);
    Buffer content;
    ByteWriter writer(content);
    write_ledger(writer, ledger_);
    file_.append_own(Tag::kLedger, fields, content,
                     {.kind = FrameKind::kLedger});
    ledger_.losses.clear();
  }

  FrameFile file_;
  const uint64_t frame_size_;
  const uint64_t buffer_limit_;
  AuxFormat format_ = AuxFormat::kPt;

  Buffer records_;
  RecordTimes times_;  // of records_
  Buffer foreign_;
  Buffer mappings_;
  std::map<uint32_t, Stream> streams_;  // by idx
  uint64_t buffered_ = 0;               // capacity of all streams' buffers
  std::set<ImageId> images_;

  Ledger ledger_;           // its losses: those not yet written
  uint64_t aux_bytes_ = 0;  // given to add_aux()
  uint64_t spanned_ = 0;    // by the offsets of all streams
  std::optional<uint64_t> produced_;
};

ImageId TraceWriter::Impl::add_image(Bytes bytes) {
  if (bytes.size() > kMaxImageSize) {
    throw std::invalid_argument("an image of more than 1 GiB");
  }
  const ImageId id = image_id_of(bytes);
  if (!images_.insert(id).second) return id;
  uint64_t at = 0;
  do {  // an empty image has one part
    const Bytes part = bytes.subspan(
        at, std::min<uint64_t>(kImagePartSize, bytes.size() - at));
    Buffer fields;
    ByteWriter writer(fields);
    writer.value(id);
    writer.u64(bytes.size());
    writer.u64(at);
    file_.append_own(Tag::kImage, fields, part,
                     {.kind = FrameKind::kImage,
                      .image = {.id = id,
                                .image_size = bytes.size(),
                                .offset = at,
                                .size = part.size()}});
    at += part.size();
  } while (at < bytes.size());
  return id;
}

// Down to half, so that the work of looking for the largest is paid once for
// many frames.
void TraceWriter::Impl::relieve() {
  std::vector<Stream*> order;
  order.reserve(streams_.size());
  for (auto& [idx, stream] : streams_) order.push_back(&stream);
  std::sort(order.begin(), order.end(), [](const Stream* a, const Stream* b) {
    return a->buffer.capacity() > b->buffer.capacity();
  });
  for (Stream* stream : order) {
    if (buffered_ <= buffer_limit_ / 2) break;
    const uint64_t before = stream->buffer.capacity();
    // Up to the last PSB, then what is behind it if that is most.
    const uint64_t half = stream->buffer.size() / 2;
    emit_full(*stream);
    if (stream->buffer.size() > half) emit_full(*stream);
    stream->buffer.shrink();
    buffered_ += stream->buffer.capacity() - before;
  }
}

TraceWriter::TraceWriter(int fd, std::string path,
                         const TraceWriterOptions& options)
    : impl_(std::make_unique<Impl>(OutputFile(UniqueFd(fd), std::move(path)),
                                   options)) {}
TraceWriter::~TraceWriter() = default;

void TraceWriter::add_record(Bytes record) { impl_->add_record(record); }
void TraceWriter::add_aux(const AuxChunk& chunk) { impl_->add_aux(chunk); }
void TraceWriter::end_stream(uint32_t idx) { impl_->end_stream(idx); }
ImageId TraceWriter::add_image(Bytes bytes) { return impl_->add_image(bytes); }
void TraceWriter::add_code_mapping(const CodeMapping& mapping) {
  impl_->add_code_mapping(mapping);
}
void TraceWriter::add_loss(const Loss& loss) { impl_->add_loss(loss); }
void TraceWriter::add_synthetic(uint64_t bytes) { impl_->add_synthetic(bytes); }
void TraceWriter::set_produced(uint64_t bytes) { impl_->set_produced(bytes); }
void TraceWriter::set_level(int level) { impl_->set_level(level); }
void TraceWriter::flush() { impl_->flush(); }
void TraceWriter::finish() { impl_->finish(); }
uint64_t TraceWriter::bytes_written() const { return impl_->bytes_written(); }

}  // namespace ptcap::formats
