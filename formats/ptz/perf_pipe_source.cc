// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A perf.data stream in pipe mode as a trace.

#include <algorithm>

#include "formats/io/error.h"
#include "formats/io/read_window.h"
#include "formats/ptz/aux_index.h"
#include "formats/ptz/layout.h"
#include "formats/ptz/record_extent.h"
#include "formats/ptz/trace_source.h"

namespace ptcap::formats {

namespace {

using namespace ptz;

class PerfPipeSource : public TraceSource {
 public:
  PerfPipeSource(InputFile file, Reporter& reporter) : file_(std::move(file)) {
    check_header();
    const uint64_t end =
        walk([this](Bytes record, const RecordExtent& extent, uint64_t offset) {
          note(record, extent, offset);
        });
    if (!has_records_) {
      throw FormatError(end, file_.name() + ": no readable record");
    }
    if (end != file_.size()) cut_short(end, reporter);
    aux_.finish();
  }

  Container container() const override { return Container::kPerfPipe; }
  bool salvaged() const override { return salvaged_; }
  void for_each_record(
      const std::function<void(Bytes, uint64_t)>& visit) const override {
    walk([&](Bytes record, const RecordExtent& extent, uint64_t offset) {
      if (extent.type != kRecordAuxtrace) visit(record, offset);
    });
  }
  std::span<const AuxStream> aux_streams() const override {
    return aux_.streams();
  }
  uint64_t read_aux(const AuxStream& stream, uint64_t offset,
                    std::span<uint8_t> out) const override {
    return aux_.read(stream, offset, out,
                     [this](AuxLocation at, std::span<uint8_t> part) {
                       return file_.read_at(at.offset, part);
                     });
  }
  uint64_t file_size_bytes() const override { return file_.size(); }

 private:
  using Visit = std::function<void(Bytes record, const RecordExtent& extent,
                                   uint64_t offset)>;

  void check_header() const;
  void note(Bytes record, const RecordExtent& extent, uint64_t offset);
  void cut_short(uint64_t end, Reporter& reporter);

  // Visits every record, those of AUXTRACE without their data. Returns where
  // the first one stands that is not whole or none, or the end of the file.
  uint64_t walk(const Visit& visit) const;

  InputFile file_;
  AuxIndex aux_;
  bool salvaged_ = false;
  bool has_records_ = false;
};

void PerfPipeSource::check_header() const {
  const Buffer header = file_.read_exactly(0, kPerfPipeHeaderSize);
  ByteReader reader(header);
  reader.skip(sizeof(kPerfMagic));
  if (const uint64_t size = reader.u64(); size != kPerfPipeHeaderSize) {
    throw FormatError(8, file_.name() + ": perf.data with a header of " +
                             std::to_string(size) +
                             " bytes, not a pipe stream");
  }
}

void PerfPipeSource::note(Bytes record, const RecordExtent& extent,
                          uint64_t offset) {
  if (extent.type != kRecordAuxtrace) {
    has_records_ = true;
    return;
  }
  AuxInfo info = parse_auxtrace(record, offset);
  const uint64_t data = offset + extent.record_size;
  info.size = std::min(info.size, file_.size() - data);
  aux_.add(std::move(info), {.frame = 0, .offset = data});
}

void PerfPipeSource::cut_short(uint64_t end, Reporter& reporter) {
  const std::string lost = std::to_string(file_.size() - end);
  salvaged_ = true;
  reporter.warn(file_.name() + ": record at offset " + std::to_string(end) +
                ": cut short or damaged; " + lost + " bytes are not read");
}

uint64_t PerfPipeSource::walk(const Visit& visit) const {
  constexpr uint64_t kReadAhead = 128 << 10;
  constexpr uint64_t kMaxTracingData = 64 << 20;
  ReadWindow window(file_, kReadAhead);
  uint64_t at = kPerfPipeHeaderSize;
  while (at < file_.size()) {
    RecordExtent extent;
    try {
      extent = parse_extent(window.at(at, kExtentPeek), at);
    } catch (const FormatError&) {
      return at;
    }
    uint64_t shown = extent.record_size;
    if (extent.type == kRecordTracingData) shown += extent.data_size;
    if (shown > kMaxTracingData) return at;
    const Bytes record = window.at(at, shown);
    if (record.size() < shown) return at;
    visit(record, extent, at);
    // AUX data that the end of the file cuts is there as far as it goes.
    const uint64_t left = file_.size() - at - extent.record_size;
    at += extent.record_size + std::min(extent.data_size, left);
  }
  return at;
}

}  // namespace

std::unique_ptr<TraceSource> open_perf_pipe(InputFile file,
                                            Reporter& reporter) {
  return std::make_unique<PerfPipeSource>(std::move(file), reporter);
}

}  // namespace ptcap::formats
