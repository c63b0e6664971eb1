// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/code_mapping.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace ptcap::formats {

ImageId image_id_of(Bytes content) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical,
                           XXH3_128bits(content.data(), content.size()));
  ImageId id;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest),
            id.begin());
  return id;
}

// Behind its own size, so that later versions can add fields at the end.
void write_code_mapping(ByteWriter& writer, const CodeMapping& mapping) {
  Buffer fields;
  ByteWriter out(fields);
  out.u32(mapping.pid);
  out.u32(mapping.aux_idx);
  out.u64(mapping.aux_offset);
  out.u64(mapping.time_ns);
  out.u64(mapping.address);
  out.u64(mapping.size);
  out.value(mapping.image);
  out.u64(mapping.image_offset);
  out.string(mapping.name);
  writer.varint(fields.size());
  writer.bytes(fields);
}

CodeMapping read_code_mapping(ByteReader& reader) {
  const uint64_t offset = reader.offset();
  ByteReader in(reader.take(reader.varint()), offset);
  CodeMapping mapping;
  mapping.pid = in.u32();
  mapping.aux_idx = in.u32();
  mapping.aux_offset = in.u64();
  mapping.time_ns = in.u64();
  mapping.address = in.u64();
  mapping.size = in.u64();
  mapping.image = in.value<ImageId>();
  mapping.image_offset = in.u64();
  mapping.name = in.string();
  return mapping;
}

}  // namespace ptcap::formats
