// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/ptz/ledger.h"

namespace ptcap::formats {

namespace {

// Behind its own size, so that later versions can add fields at the end.
void write_loss(ByteWriter& writer, const Loss& loss) {
  Buffer fields;
  ByteWriter out(fields);
  out.u8(static_cast<uint8_t>(loss.cause));
  out.u32(loss.idx);
  out.u32(loss.pid);
  out.u32(loss.tid);
  out.u32(loss.cpu);
  out.u64(loss.aux_offset);
  out.u64(loss.bytes);
  out.u64(loss.begin_ns);
  out.u64(loss.end_ns);
  out.string(loss.detail);
  writer.varint(fields.size());
  writer.bytes(fields);
}

Loss read_loss(ByteReader& reader) {
  const uint64_t offset = reader.offset();
  ByteReader in(reader.take(reader.varint()), offset);
  Loss loss;
  loss.cause = static_cast<LossCause>(in.u8());
  loss.idx = in.u32();
  loss.pid = in.u32();
  loss.tid = in.u32();
  loss.cpu = in.u32();
  loss.aux_offset = in.u64();
  loss.bytes = in.u64();
  loss.begin_ns = in.u64();
  loss.end_ns = in.u64();
  loss.detail = in.string();
  return loss;
}

}  // namespace

void write_ledger(ByteWriter& writer, const Ledger& ledger) {
  writer.u64(ledger.produced_bytes);
  writer.u64(ledger.written_bytes);
  writer.u64(ledger.synthetic_bytes);
  writer.varint(ledger.losses.size());
  for (const Loss& loss : ledger.losses) write_loss(writer, loss);
}

Ledger read_ledger(ByteReader& reader) {
  Ledger ledger;
  ledger.produced_bytes = reader.u64();
  ledger.written_bytes = reader.u64();
  ledger.synthetic_bytes = reader.u64();
  for (uint64_t left = reader.varint(); left > 0; --left) {
    ledger.losses.push_back(read_loss(reader));
  }
  return ledger;
}

}  // namespace ptcap::formats
