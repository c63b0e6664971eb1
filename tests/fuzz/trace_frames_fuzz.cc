// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Well-formed frames with any content: what lies behind the checksums, which
// mutated bytes hardly ever get through.
//
// The input is a sequence of: u8 kind of frame, u16 size, content.

#include <array>

#include "formats/ptz/frame_encoder.h"
#include "formats/ptz/seek_table.h"
#include "tests/fuzz/trace_visit.h"

namespace ptcap::formats::testing {
namespace {

using ptz::FrameEncoder;
using ptz::SeekTableBuilder;
using ptz::Tag;

constexpr std::array kTags = {Tag::kHeader,  Tag::kImage,  Tag::kMappings,
                              Tag::kForeign, Tag::kLedger, Tag::kIndex};

size_t fields_size(Tag tag) {
  switch (tag) {
    case Tag::kHeader:
      return 5;
    case Tag::kImage:
      return 16 + 8 + 8;
    case Tag::kLedger:
      return 4;
    case Tag::kMappings:
    case Tag::kForeign:
    case Tag::kIndex:
      return 0;
  }
  return 0;
}

class TraceBuilder {
 public:
  void add(uint8_t kind, Bytes content) {
    if (kind % 8 < kTags.size()) {
      const Tag tag = kTags[kind % 8];
      const size_t size = std::min(fields_size(tag), content.size());
      append(encoder_.own(tag, content.first(size), content.subspan(size)), 0);
    } else if (!content.empty()) {
      append(encoder_.data(content), content.size());
    }
  }

  // With or without seek table, so that index and scan are both reached.
  Buffer build(bool seek_table) {
    if (seek_table) append(table_.build(), 0);
    return std::move(bytes_);
  }

 private:
  void append(Bytes frame, uint64_t content_size) {
    table_.add(frame.size(), content_size);
    bytes_.insert(bytes_.end(), frame.begin(), frame.end());
  }

  // Raw blocks: quick, and the content stays visible to the fuzzer.
  FrameEncoder encoder_{0};
  SeekTableBuilder table_;
  Buffer bytes_;
};

Buffer build_trace(Bytes input) {
  ByteReader reader(input);
  TraceBuilder builder;
  const bool seek_table = !reader.empty() && (reader.u8() & 1) != 0;
  while (reader.remaining() >= 3) {
    const uint8_t kind = reader.u8();
    const uint64_t size = std::min<uint64_t>(reader.u16(), reader.remaining());
    builder.add(kind, reader.take(size));
  }
  return builder.build(seek_table);
}

}  // namespace
}  // namespace ptcap::formats::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ptcap::formats::testing;
  visit_trace(build_trace({data, size}));
  return 0;
}
