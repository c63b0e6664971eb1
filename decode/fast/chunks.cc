// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/chunks.h"

namespace ptcap::decode::fast {

namespace {

constexpr size_t kFirstSlots = 4096;

}  // namespace

Chunks::Chunks(size_t max_chunks) : chunks_(max_chunks), slots_(kFirstSlots) {
  chunks_.add(Chunk{});
}

void Chunks::clear() {
  chunks_.shrink(0);
  chunks_.add(Chunk{});
  slots_.assign(kFirstSlots, {});
  slots_.shrink_to_fit();
}

void Chunks::insert(uint32_t id) {
  const uint64_t hash = hash_of(chunks_[id].node_in, chunks_[id].raw);
  const size_t mask = slots_.size() - 1;
  size_t at = hash >> 20 & mask;
  while (slots_[at].chunk != 0) at = (at + 1) & mask;
  slots_[at] = {static_cast<uint32_t>(hash >> 32), id};
}

uint32_t Chunks::add(const Chunk& chunk) {
  const uint32_t id = chunks_.add(chunk);
  if (chunks_.size() * 2 <= slots_.size()) {
    insert(id);
    return id;
  }
  slots_.assign(slots_.size() * 4, {});
  for (uint32_t i = 1; i <= id; ++i) insert(i);
  return id;
}

}  // namespace ptcap::decode::fast
