// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/trace_reader.h"

#include <filesystem>

#include "formats/io/error.h"
#include "formats/perf_data/layout.h"
#include "formats/perf_data/perf_source.h"
#include "formats/ptz/layout.h"
#include "formats/ptz/seek_table.h"
#include "formats/ptz/trace_source.h"

namespace ptcap::formats {

namespace {

using namespace ptz;
using perf_data::kMagic;
using perf_data::kSwappedMagic;

// By the first bytes; by the last ones too, so that a .ptz whose first frame
// is damaged is still one.
std::unique_ptr<TraceSource> open_source(const std::string& path,
                                         Reporter& reporter) {
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_directory(path, ignored)) {
    return open_perf_directory(path, reporter);
  }
  InputFile file(path);
  if (file.size() == 0) throw FormatError(0, file.name() + ": empty file");
  Buffer head(kSkippableHeaderSize + sizeof(Tag));
  head.resize(file.read_at(0, head));
  head.resize(kSkippableHeaderSize + sizeof(Tag));
  ByteReader reader(head);
  const auto perf_magic = reader.u64();
  if (perf_magic == kMagic || perf_magic == kSwappedMagic) {
    return open_perf_data(std::move(file), reporter);
  }
  const uint32_t magic = ByteReader(head).u32();
  if (magic == kZstdMagic || (magic & kSkippableMask) == kSkippableMagic ||
      reader.value<Tag>() == Tag::kHeader || find_seek_table(file)) {
    return open_ptz(std::move(file), reporter);
  }
  throw FormatError(0, file.name() +
                           ": not a trace: neither zstd frames (.ptz) nor "
                           "PERFILE2 (perf.data)");
}

}  // namespace

TraceReader::TraceReader(const std::string& path, Reporter& reporter)
    : source_(open_source(path, reporter)), reporter_(reporter) {
  for (const AuxStream& stream : source_->aux_streams()) {
    for (const AuxPiece& piece : stream.pieces) aux_size_ += piece.size;
  }
}
TraceReader::~TraceReader() = default;

Container TraceReader::container() const { return source_->container(); }
bool TraceReader::salvaged() const { return source_->salvaged(); }
void TraceReader::for_each_record(
    const std::function<void(Bytes, uint64_t)>& visit) const {
  source_->for_each_record(visit);
}
std::span<const AuxStream> TraceReader::aux_streams() const {
  return source_->aux_streams();
}
uint64_t TraceReader::read_aux(const AuxStream& stream, uint64_t offset,
                               std::span<uint8_t> out) const {
  const uint64_t size = source_->read_aux(stream, offset, out);
  reporter_.aux_read(size, aux_size_);
  return size;
}
std::span<const CodeMapping> TraceReader::code_mappings() const {
  return source_->code_mappings();
}
std::optional<std::vector<uint8_t>> TraceReader::image(
    const ImageId& id) const {
  return source_->image(id);
}
std::optional<uint64_t> TraceReader::image_size(const ImageId& id) const {
  return source_->image_size(id);
}
std::optional<Ledger> TraceReader::ledger() const { return source_->ledger(); }
uint64_t TraceReader::file_size_bytes() const {
  return source_->file_size_bytes();
}

}  // namespace ptcap::formats
