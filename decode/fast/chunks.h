// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Level 3: where up to 64 raw trace bytes lead from a node. A hit costs one
// comparison of 64 bytes and a few guards, however many branches are in them.

#ifndef PTCAP_DECODE_FAST_CHUNKS_H_
#define PTCAP_DECODE_FAST_CHUNKS_H_

#include <emmintrin.h>

#include <cstdint>
#include <cstring>

#include "decode/fast/element.h"
#include "decode/fast/follower.h"
#include "decode/fast/memo_table.h"
#include "decode/fast/return_stack.h"

namespace ptcap::decode::fast {

inline constexpr size_t kChunkBytes = 64;
// A PSB+ can be longer, and comes often: what is behind 64 bytes is compared
// apart.
inline constexpr size_t kMaxChunkBytes = 128;

// Whole packets, known by their bytes and by the node at which they start; and
// what else they depend on, as guards: upper bits of the last IP, and the top
// of the return stack if a compressed return goes below the chunk's own calls.
//
// Two cache lines, the first one the bytes.
struct alignas(64) Chunk {
  uint8_t raw[kChunkBytes] = {};  // the first `size - extra` are the chunk's
  uint64_t count = 0;
  uint64_t ip_needed = 0;
  uint64_t ip_out = 0;
  NodeId node_in = 0;
  NodeId node_out = 0;
  uint32_t next = 0;  // the chunk that came behind it the last time
  uint32_t path = 0;  // in the pool of elements
  StackEffect effect;
  uint32_t extra_list = 0;  // in the pool of lists: the bytes behind 64
  uint16_t path_size = 0;
  uint8_t size = 0;
  uint8_t extra = 0;
  IpNeed ip_need : 2 = IpNeed::kNone;
  bool sets_ip : 1 = false;
  bool begins_with_psb : 1 = false;
  bool event_first : 1 = false;  // as in Piece

  // All but the extra bytes. REQUIRES: 64 readable bytes.
  bool matches(const uint8_t* bytes) const {
    const uint64_t equal = same(bytes, 0) | same(bytes, 16) << 16 |
                           same(bytes, 32) << 32 | same(bytes, 48) << 48;
    return ~equal << (kChunkBytes - (size - extra)) == 0;
  }

  // REQUIRES: `size` readable bytes.
  bool extra_matches(const uint8_t* bytes, const NodeId* lists) const {
    return std::memcmp(bytes + kChunkBytes, lists + extra_list, extra) == 0;
  }

  // Which of 16 bytes are the same, as bits.
  uint64_t same(const uint8_t* bytes, unsigned from) const {
    const __m128i ours =
        _mm_load_si128(reinterpret_cast<const __m128i*>(raw + from));
    const __m128i theirs =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + from));
    return static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(ours, theirs)));
  }

  // Of a chunk that would begin with these. REQUIRES: 16 readable bytes.
  static uint64_t hash_of(NodeId node, const uint8_t* bytes) {
    uint64_t words[2];
    std::memcpy(words, bytes, sizeof(words));
    uint64_t hash = (words[0] ^ node * 0xc2b2ae3d27d4eb4f) * 0x9e3779b97f4a7c15;
    return (hash ^ hash >> 32 ^ words[1]) * 0xd6e8feb86659fd93;
  }
  uint64_t hash() const { return hash_of(node_in, raw); }

  bool admits_ip(uint64_t last_ip) const {
    return (last_ip & kIpNeedMasks[static_cast<int>(ip_need)]) == ip_needed;
  }
};
static_assert(sizeof(Chunk) == 128);

using Chunks = MemoTable<Chunk>;

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_CHUNKS_H_
