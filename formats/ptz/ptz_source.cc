// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A .ptz as a trace.

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "formats/io/error.h"
#include "formats/ptz/aux_index.h"
#include "formats/ptz/frame_cache.h"
#include "formats/ptz/frame_decoder.h"
#include "formats/ptz/frame_map.h"
#include "formats/ptz/layout.h"
#include "formats/ptz/record_extent.h"
#include "formats/ptz/trace_source.h"

namespace ptcap::formats {

namespace {

using namespace ptz;

constexpr uint64_t kCacheSize = 64 << 20;

class PtzSource : public TraceSource {
 public:
  PtzSource(InputFile file, Reporter& reporter);

  Container container() const override { return Container::kPtz; }
  bool salvaged() const override { return salvaged_; }
  void for_each_record(
      const std::function<void(Bytes, uint64_t)>& visit) const override;
  std::span<const AuxStream> aux_streams() const override {
    return aux_.streams();
  }
  uint64_t read_aux(const AuxStream& stream, uint64_t offset,
                    std::span<uint8_t> out) const override;
  std::span<const CodeMapping> code_mappings() const override {
    return mappings_;
  }
  std::optional<Buffer> image(const ImageId& id) const override;
  std::optional<uint64_t> image_size(const ImageId& id) const override;
  std::optional<Ledger> ledger() const override { return ledger_; }
  uint64_t file_size_bytes() const override { return file_.size(); }

 private:
  struct Image {
    uint64_t size = 0;
    std::map<uint64_t, ImagePart> parts;  // by offset
  };

  void check_header() const;
  void find_frames();
  void index_aux();
  void index_images();
  void read_mappings();
  void read_ledger_frames();

  // Runs `use` on each good frame of that kind; the others are reported.
  void for_each_own(FrameKind kind, const std::function<void(Bytes body)>& use);
  void visit_frame(const Frame& frame, uint64_t stream_offset,
                   const std::function<void(Bytes, uint64_t)>& visit) const;

  // Appends the bytes of the part.
  bool append_part(const ImagePart& part, Buffer& bytes) const;

  // Both throw FormatError: the bytes in the file; the content of a frame of
  // records or AUX data.
  Buffer read_frame(const Frame& frame) const;
  FrameCache::Content content(const Frame& frame) const;
  // Runs `use`; what is wrong with the frame is reported, once for a frame.
  bool guard(const Frame& frame, const std::function<void()>& use) const;
  void report(const Frame& frame, const std::string& cause) const;

  InputFile file_;
  Reporter& reporter_;
  FrameMap map_;
  AuxIndex aux_;
  std::map<ImageId, Image> images_;
  std::vector<CodeMapping> mappings_;
  std::optional<Ledger> ledger_;

  mutable FrameCache cache_{kCacheSize};
  mutable std::atomic<bool> salvaged_ = false;
  mutable std::mutex report_mutex_;
  mutable std::set<uint64_t> reported_;  // file offsets
};

PtzSource::PtzSource(InputFile file, Reporter& reporter)
    : file_(std::move(file)), reporter_(reporter) {
  check_header();
  find_frames();
  index_aux();
  index_images();
  read_mappings();
  read_ledger_frames();
}

// A damaged header is no reason not to read the rest.
void PtzSource::check_header() const {
  uint16_t major = 0;
  try {
    const Buffer start = file_.read_exactly(0, kSkippableHeaderSize);
    ByteReader reader(start);
    reader.skip(sizeof(kOwnMagic));
    const Buffer frame = read_frame(
        {.file_size = kSkippableHeaderSize + reader.u32(), .records = {}});
    const OwnFrame own = parse_own(frame);
    if (own.tag != Tag::kHeader) throw FormatError(0, "not there");
    major = ByteReader(own.body).u16();
  } catch (const FormatError& error) {
    salvaged_ = true;
    reporter_.warn(file_.name() + ": header frame: " + error.reason());
    return;
  }
  if (major > kMajorVersion) {
    throw FormatError(0, file_.name() + ": format version " +
                             std::to_string(major) + ", this program reads " +
                             std::to_string(kMajorVersion) +
                             "; a newer one is needed");
  }
}

void PtzSource::find_frames() {
  std::string cause = "no index (the trace was cut short)";
  try {
    if (auto map = load_frame_map(file_)) {
      map_ = std::move(*map);
      return;
    }
  } catch (const FormatError& error) {
    cause = std::string("index: ") + error.what();
  }
  salvaged_ = true;
  reporter_.warn(file_.name() + ": " + cause + "; all frames are read");
  map_ = scan_frames(file_, reporter_);
  if (std::none_of(map_.frames.begin(), map_.frames.end(),
                   [](const Frame& f) { return f.content_size != 0; })) {
    throw FormatError(0, file_.name() + ": no readable record");
  }
}

void PtzSource::index_aux() {
  std::map<uint32_t, size_t> psbs;
  for (const AuxPart& part : map_.aux)
    psbs[part.info.idx] += part.info.psbs.size();
  for (const auto& [idx, count] : psbs) aux_.expect_psbs(idx, count);
  for (AuxPart& part : map_.aux) {
    aux_.add(std::move(part.info),
             {.frame = part.frame, .offset = part.content_offset});
  }
  aux_.finish();
  map_.aux.clear();
}

void PtzSource::index_images() {
  for (const ImagePart& part : map_.images) {
    Image& image = images_[part.info.id];
    image.size = part.info.image_size;
    image.parts[part.info.offset] = part;
  }
  map_.images.clear();
}

void PtzSource::read_mappings() {
  const uint64_t most = max_items(file_.size());
  for_each_own(FrameKind::kMappings, [&](Bytes body) {
    const Buffer content = decode_packed(body);
    ByteReader reader(content);
    while (!reader.empty() && mappings_.size() < most) {
      mappings_.push_back(read_code_mapping(reader));
    }
  });
}

void PtzSource::read_ledger_frames() {
  const uint64_t most = max_items(file_.size());
  Ledger whole;
  bool complete = false;
  for_each_own(FrameKind::kLedger, [&](Bytes body) {
    ByteReader fields(body);
    const uint32_t flags = fields.u32();
    const Buffer content = decode_packed(fields.rest());
    ByteReader reader(content);
    Ledger part = read_ledger(reader);
    std::vector<Loss> losses = std::move(whole.losses);
    std::move(part.losses.begin(), part.losses.end(),
              std::back_inserter(losses));
    if (losses.size() > most) losses.resize(most);
    whole = std::move(part);
    whole.losses = std::move(losses);
    complete = (flags & kLedgerComplete) != 0;
  });
  if (complete) ledger_ = std::move(whole);
}

void PtzSource::for_each_own(FrameKind kind,
                             const std::function<void(Bytes body)>& use) {
  for (const Frame& frame : map_.frames) {
    if (frame.kind != kind) continue;
    guard(frame, [&] {
      const Buffer raw = read_frame(frame);
      use(parse_own(raw).body);
    });
  }
}

void PtzSource::for_each_record(
    const std::function<void(Bytes, uint64_t)>& visit) const {
  uint64_t stream_offset = 0;
  for (const Frame& frame : map_.frames) {
    if (frame.kind == FrameKind::kRecords ||
        frame.kind == FrameKind::kForeign) {
      visit_frame(frame, stream_offset, visit);
    }
    stream_offset += frame.content_size;
  }
}

// Damage is found before anything is visited: what visit() throws is its own.
void PtzSource::visit_frame(
    const Frame& frame, uint64_t stream_offset,
    const std::function<void(Bytes, uint64_t)>& visit) const {
  struct Found {
    Bytes bytes;
    uint64_t offset;
  };
  std::vector<Found> found;
  FrameCache::Content held;
  guard(frame, [&] {
    held = content(frame);
    const Bytes records = skip_pipe_header(*held);
    const uint64_t skipped = held->size() - records.size();
    walk_records(records, stream_offset + skipped,
                 [&](Bytes record, Bytes data, auto& extent, uint64_t offset) {
                   if (extent.type == kRecordAuxtrace) return;
                   const size_t whole = record.size() + data.size();
                   found.push_back({{record.data(), whole}, offset});
                 });
  });
  for (const Found& record : found) visit(record.bytes, record.offset);
}

uint64_t PtzSource::read_aux(const AuxStream& stream, uint64_t offset,
                             std::span<uint8_t> out) const {
  return aux_.read(stream, offset, out,
                   [this](AuxLocation at, std::span<uint8_t> part) {
                     const Frame& frame = map_.frames[at.frame];
                     const bool good = guard(frame, [&] {
                       const auto held = content(frame);
                       ByteReader reader(*held);
                       reader.skip(at.offset);
                       const Bytes bytes = reader.take(part.size());
                       std::copy(bytes.begin(), bytes.end(), part.begin());
                     });
                     return good ? part.size() : 0;
                   });
}

// All parts, each where the one before ends.
std::optional<Buffer> PtzSource::image(const ImageId& id) const {
  const auto known = images_.find(id);
  if (known == images_.end()) return std::nullopt;
  const Image& image = known->second;
  Buffer bytes;
  for (const auto& [offset, part] : image.parts) {
    if (offset != bytes.size() || !append_part(part, bytes)) break;
    if (bytes.size() > image.size) break;
  }
  if (bytes.size() == image.size && image_id_of(bytes) == id) return bytes;
  const Frame& first = map_.frames[image.parts.begin()->second.frame];
  report(first, "an image that is incomplete or not what it says");
  return std::nullopt;
}

bool PtzSource::append_part(const ImagePart& part, Buffer& bytes) const {
  const Frame& frame = map_.frames[part.frame];
  return guard(frame, [&] {
    const Buffer raw = read_frame(frame);
    const Buffer content =
        decode_packed(parse_image(parse_own(raw).body).packed);
    if (bytes.size() + content.size() > kMaxImageSize) {
      throw FormatError(0, "an image of more than 1 GiB");
    }
    bytes.insert(bytes.end(), content.begin(), content.end());
  });
}

std::optional<uint64_t> PtzSource::image_size(const ImageId& id) const {
  const auto known = images_.find(id);
  if (known == images_.end()) return std::nullopt;
  return known->second.size;
}

Buffer PtzSource::read_frame(const Frame& frame) const {
  if (frame.file_size > kMaxFrameSize) throw FormatError(0, "too large");
  return file_.read_exactly(frame.file_offset, frame.file_size);
}

FrameCache::Content PtzSource::content(const Frame& frame) const {
  return cache_.get(frame.file_offset, [&] {
    const Buffer raw = read_frame(frame);
    if (frame.kind == FrameKind::kForeign) {
      return decode_packed(parse_own(raw).body);
    }
    Buffer bytes = decode_data(raw);
    if (bytes.size() != frame.content_size) {
      throw FormatError(0, "not the size that the index says");
    }
    return bytes;
  });
}

bool PtzSource::guard(const Frame& frame,
                      const std::function<void()>& use) const {
  try {
    use();
    return true;
  } catch (const FormatError& error) {
    report(frame, error.reason());
    return false;
  }
}

void PtzSource::report(const Frame& frame, const std::string& cause) const {
  const std::lock_guard lock(report_mutex_);
  salvaged_ = true;
  if (!reported_.insert(frame.file_offset).second) return;
  reporter_.warn(file_.name() + ": frame at offset " +
                 std::to_string(frame.file_offset) + ": " + cause);
}

}  // namespace

std::unique_ptr<TraceSource> open_ptz(InputFile file, Reporter& reporter) {
  return std::make_unique<PtzSource>(std::move(file), reporter);
}

}  // namespace ptcap::formats
