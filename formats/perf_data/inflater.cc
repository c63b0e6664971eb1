// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/perf_data/inflater.h"

#include <new>

#include "formats/io/error.h"
#include "formats/perf/user_records.h"
#include "formats/ptz/layout.h"
#include "formats/ptz/record_extent.h"

namespace ptcap::formats::perf_data {

namespace {

// COMPRESSED is zstd to its end; COMPRESSED2 says how much of it is.
Bytes compressed_data(Bytes record, uint32_t type) {
  ByteReader reader(record);
  reader.skip(ptz::kRecordHeaderSize);
  if (type == static_cast<uint32_t>(UserRecordType::kCompressed2)) {
    return reader.take(reader.u64());
  }
  return reader.rest();
}

}  // namespace

Inflater::Inflater() : stream_(ZSTD_createDStream()) {
  if (!stream_) throw std::bad_alloc();
}

bool Inflater::is_compressed(uint32_t type) {
  return type == static_cast<uint32_t>(UserRecordType::kCompressed) ||
         type == static_cast<uint32_t>(UserRecordType::kCompressed2);
}

std::optional<std::string> Inflater::push(
    Bytes record, uint32_t type,
    const std::function<void(Bytes record)>& visit) {
  if (failed_) return std::nullopt;
  try {
    inflate(compressed_data(record, type), visit);
    return std::nullopt;
  } catch (const FormatError& error) {
    failed_ = true;
    return error.reason();
  }
}

void Inflater::inflate(Bytes compressed,
                       const std::function<void(Bytes record)>& visit) {
  constexpr size_t kStep = 128 << 10;
  ZSTD_inBuffer in = {compressed.data(), compressed.size(), 0};
  size_t made = kStep;
  // As long as there is input, or output that did not fit.
  while (in.pos < in.size || made == kStep) {
    const size_t kept = pending_.size();
    pending_.resize(kept + kStep);
    ZSTD_outBuffer out = {pending_.data() + kept, kStep, 0};
    const size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    pending_.resize(kept + out.pos);
    if (ZSTD_isError(result)) {
      throw FormatError(0, std::string("zstd: ") + ZSTD_getErrorName(result));
    }
    made = out.pos;
    visit_whole(visit);
  }
}

void Inflater::visit_whole(const std::function<void(Bytes record)>& visit) {
  const Bytes all = pending_;
  size_t at = 0;
  while (all.size() - at >= ptz::kRecordHeaderSize) {
    const ptz::RecordExtent extent = ptz::parse_extent(all.subspan(at), 0);
    if (extent.data_size != 0) {
      throw FormatError(0, "a record with data inside of a compressed one");
    }
    if (extent.record_size > all.size() - at) break;
    visit(all.subspan(at, extent.record_size));
    at += extent.record_size;
  }
  pending_.erase(pending_.begin(),
                 pending_.begin() + static_cast<ptrdiff_t>(at));
}

}  // namespace ptcap::formats::perf_data
