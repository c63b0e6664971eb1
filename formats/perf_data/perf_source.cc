// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf.data as a trace: pipe stream, file, directory.

#include "formats/perf_data/perf_source.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "formats/io/error.h"
#include "formats/io/read_window.h"
#include "formats/perf_data/aux_samples.h"
#include "formats/perf_data/file_head.h"
#include "formats/perf_data/inflater.h"
#include "formats/ptz/aux_index.h"
#include "formats/ptz/layout.h"
#include "formats/ptz/record_extent.h"

namespace ptcap::formats {

namespace {

using ptz::AuxIndex;
using ptz::AuxInfo;
using ptz::AuxLocation;
using ptz::kRecordAuxtrace;
using ptz::RecordExtent;

// A file with records from `begin` to `end`.
struct Segment {
  InputFile file;
  uint64_t begin = 0;
  uint64_t end = 0;
};

class PerfSource : public TraceSource {
 public:
  PerfSource(Container container, Reporter& reporter)
      : container_(container), reporter_(reporter) {}

  void add_head(perf_data::FileHead head) {
    head_ = std::move(head.records);
    has_records_ = !head_.empty();
    if (head.damaged) salvaged_ = true;
  }
  void add_segment(Segment segment) { segments_.push_back(std::move(segment)); }
  // Finds the AUX data. After the last add_segment().
  void index();

  Container container() const override { return container_; }
  bool salvaged() const override { return salvaged_; }
  void for_each_record(
      const std::function<void(Bytes, uint64_t)>& visit) const override;
  std::span<const AuxStream> aux_streams() const override {
    return aux_.streams();
  }
  uint64_t read_aux(const AuxStream& stream, uint64_t offset,
                    std::span<uint8_t> out) const override {
    return aux_.read(stream, offset, out,
                     [this](AuxLocation at, std::span<uint8_t> part) {
                       return fetch(at, part);
                     });
  }
  uint64_t file_size_bytes() const override {
    uint64_t size = 0;
    for (const Segment& segment : segments_) size += segment.file.size();
    return size;
  }

 private:
  using Visit = std::function<void(Bytes record, const RecordExtent& extent,
                                   uint64_t offset)>;

  void index_segment(size_t number);
  // A record that may be a sample with AUX data; `file` is the segment it
  // stands in, or kInflated.
  void index_sample(size_t file, const Segment& segment, Bytes record,
                    uint64_t offset);
  uint64_t fetch(AuxLocation at, std::span<uint8_t> out) const;

  // Visits every record as it is in the file, those of AUXTRACE without their
  // data. Returns where the first one stands that is not whole or none, or the
  // end.
  uint64_t walk(const Segment& segment, const Visit& visit) const;
  void visit_segment(const Segment& segment,
                     const std::function<void(Bytes, uint64_t)>& visit) const;
  void report(const Segment& segment, uint64_t offset, const std::string& what);

  const Container container_;
  Reporter& reporter_;
  std::vector<perf_data::HeadRecord> head_;
  std::vector<Segment> segments_;
  AuxIndex aux_;
  perf_data::AuxSamples samples_;
  Buffer inflated_;  // AUX data of samples that are compressed in the file
  bool has_records_ = false;
  bool salvaged_ = false;
};

// Instead of a segment's number: in inflated_.
constexpr size_t kInflated = ~size_t{0};
// Of AUX data in compressed samples, which are kept in memory.
constexpr uint64_t kMaxInflated = 256 << 20;

uint64_t PerfSource::fetch(AuxLocation at, std::span<uint8_t> out) const {
  if (at.frame != kInflated) {
    return segments_[at.frame].file.read_at(at.offset, out);
  }
  std::copy_n(inflated_.begin() + static_cast<ptrdiff_t>(at.offset), out.size(),
              out.begin());
  return out.size();
}

void PerfSource::index_sample(size_t file, const Segment& segment, Bytes record,
                              uint64_t offset) {
  std::optional<perf_data::AuxSamples::Part> part;
  try {
    part = samples_.find(record, offset);
  } catch (const FormatError&) {
    return;  // who reads the records says so
  }
  if (!part) return;
  AuxLocation location{
      .frame = file,
      .offset =
          offset + static_cast<uint64_t>(part->data.data() - record.data())};
  if (file == kInflated) {
    if (inflated_.size() + part->data.size() > kMaxInflated) {
      return report(segment, offset,
                    "more compressed AUX samples than 256 MiB");
    }
    location.offset = inflated_.size();
    inflated_.insert(inflated_.end(), part->data.begin(), part->data.end());
  }
  samples_.add(*part, location);
}

void PerfSource::index() {
  for (const perf_data::HeadRecord& record : head_) {
    index_sample(0, segments_[0], record.bytes, record.offset);
  }
  for (size_t i = 0; i < segments_.size(); ++i) index_segment(i);
  if (!has_records_) {
    throw FormatError(segments_[0].begin,
                      segments_[0].file.name() + ": no readable record");
  }
  samples_.finish(aux_, [this](AuxLocation at, std::span<uint8_t> out) {
    return fetch(at, out);
  });
  aux_.finish();
}

void PerfSource::index_segment(size_t number) {
  const Segment& segment = segments_[number];
  perf_data::Inflater inflater;
  const uint64_t end = walk(
      segment, [&](Bytes record, const RecordExtent& extent, uint64_t offset) {
        if (extent.type == kRecordAuxtrace) {
          try {
            AuxInfo info = ptz::parse_auxtrace(record, offset);
            const uint64_t data = offset + extent.record_size;
            info.size = std::min(info.size, segment.end - data);
            aux_.add(std::move(info), {.frame = number, .offset = data});
          } catch (const FormatError& error) {
            report(segment, offset, error.reason());
          }
          return;
        }
        has_records_ = true;
        if (!perf_data::Inflater::is_compressed(extent.type)) {
          return index_sample(number, segment, record, offset);
        }
        // What is wrong inside is to be known from the start.
        if (auto wrong = inflater.push(record, extent.type, [&](Bytes inside) {
              index_sample(kInflated, segment, inside, offset);
            })) {
          report(segment, offset, *wrong);
        }
      });
  if (end == segment.end) return;
  report(segment, end,
         "cut short or damaged; " + std::to_string(segment.end - end) +
             " bytes are not read");
}

void PerfSource::report(const Segment& segment, uint64_t offset,
                        const std::string& what) {
  salvaged_ = true;
  reporter_.warn(segment.file.name() + ": record at offset " +
                 std::to_string(offset) + ": " + what);
}

uint64_t PerfSource::walk(const Segment& segment, const Visit& visit) const {
  constexpr uint64_t kReadAhead = 128 << 10;
  constexpr uint64_t kMaxShown = 64 << 20;  // of TRACING_DATA
  ReadWindow window(segment.file, kReadAhead);
  uint64_t at = segment.begin;
  while (at < segment.end) {
    const uint64_t left = segment.end - at;
    RecordExtent extent;
    try {
      extent = ptz::parse_extent(
          window.at(at, std::min(left, ptz::kExtentPeek)), at);
    } catch (const FormatError&) {
      return at;
    }
    uint64_t shown = extent.record_size;
    if (extent.type == ptz::kRecordTracingData) shown += extent.data_size;
    if (shown > kMaxShown || shown > left) return at;
    const Bytes record = window.at(at, shown);
    if (record.size() < shown) return at;
    visit(record, extent, at);
    // AUX data that the end of the file cuts is there as far as it goes.
    at += extent.record_size +
          std::min(extent.data_size, left - extent.record_size);
  }
  return at;
}

void PerfSource::for_each_record(
    const std::function<void(Bytes, uint64_t)>& visit) const {
  for (const perf_data::HeadRecord& record : head_) {
    visit(record.bytes, record.offset);
  }
  for (const Segment& segment : segments_) visit_segment(segment, visit);
}

// Compressed ones as what is in them, at the offset where they stand.
void PerfSource::visit_segment(
    const Segment& segment,
    const std::function<void(Bytes, uint64_t)>& visit) const {
  perf_data::Inflater inflater;
  walk(segment, [&](Bytes record, const RecordExtent& extent, uint64_t offset) {
    if (extent.type == kRecordAuxtrace) return;
    if (!perf_data::Inflater::is_compressed(extent.type)) {
      return visit(record, offset);
    }
    // Visited behind push(), so that what visit() throws is its own.
    std::vector<Buffer> inside;
    inflater.push(record, extent.type, [&](Bytes found) {
      inside.emplace_back(found.begin(), found.end());
    });
    for (const Buffer& found : inside) visit(found, offset);
  });
}

// `perf record --threads` has a file of records for each thread, without head.
std::vector<std::string> thread_files(const std::string& directory) {
  std::vector<std::pair<unsigned long, std::string>> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    constexpr std::string_view kPrefix = "data.";
    if (!name.starts_with(kPrefix)) continue;
    const std::string number = name.substr(kPrefix.size());
    if (number.empty() ||
        number.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    found.emplace_back(std::strtoul(number.c_str(), nullptr, 10), entry.path());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

void add_perf_file(PerfSource& source, InputFile file, Reporter& reporter) {
  perf_data::FileHead head = perf_data::read_file_head(file, reporter);
  const perf_data::Section data = head.data;
  source.add_head(std::move(head));
  source.add_segment({.file = std::move(file),
                      .begin = data.offset,
                      .end = data.offset + data.size});
}

}  // namespace

std::unique_ptr<TraceSource> open_perf_data(InputFile file,
                                            Reporter& reporter) {
  Buffer header(perf_data::kPipeHeaderSize);
  if (const size_t size = file.read_at(0, header); size < header.size()) {
    throw FormatError(size, file.name() + ": perf.data header cut");
  }
  ByteReader reader(header);
  if (reader.u64() == perf_data::kSwappedMagic) {
    throw FormatError(0, file.name() + ": perf.data of a big-endian machine");
  }
  if (reader.u64() == perf_data::kPipeHeaderSize) {
    auto source = std::make_unique<PerfSource>(Container::kPerfPipe, reporter);
    const uint64_t size = file.size();
    source->add_segment({.file = std::move(file),
                         .begin = perf_data::kPipeHeaderSize,
                         .end = size});
    source->index();
    return source;
  }
  auto source = std::make_unique<PerfSource>(Container::kPerfFile, reporter);
  add_perf_file(*source, std::move(file), reporter);
  source->index();
  return source;
}

std::unique_ptr<TraceSource> open_perf_directory(const std::string& path,
                                                 Reporter& reporter) {
  InputFile file(path + "/data");
  Buffer magic(sizeof(perf_data::kMagic));
  if (file.read_at(0, magic) < magic.size() ||
      ByteReader(magic).u64() != perf_data::kMagic) {
    throw FormatError(0, file.name() + ": not perf.data");
  }
  auto source =
      std::make_unique<PerfSource>(Container::kPerfDirectory, reporter);
  add_perf_file(*source, std::move(file), reporter);
  for (const std::string& name : thread_files(path)) {
    InputFile part(name);
    const uint64_t size = part.size();
    source->add_segment({.file = std::move(part), .begin = 0, .end = size});
  }
  source->index();
  return source;
}

}  // namespace ptcap::formats
