// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// MurmurHash3_x64_128, as the published fingerprints of coverage maps are made
// with it.

#ifndef PTCAP_TESTS_DECODE_FAST_MURMUR3_H_
#define PTCAP_TESTS_DECODE_FAST_MURMUR3_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace ptcap::decode::fast {

inline uint64_t murmur3_finish(uint64_t value) {
  value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
  value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
  return value ^ value >> 33;
}

// Its first 64 bits. REQUIRES: whole blocks of 16 bytes.
inline uint64_t murmur3(std::span<const uint8_t> bytes, uint64_t seed) {
  constexpr uint64_t kFirst = 0x87c37b91114253d5;
  constexpr uint64_t kSecond = 0x4cf5ad432745937f;
  uint64_t a = seed;
  uint64_t b = seed;
  for (size_t at = 0; at < bytes.size(); at += 16) {
    uint64_t words[2];
    std::memcpy(words, bytes.data() + at, sizeof(words));
    a ^= std::rotl(words[0] * kFirst, 31) * kSecond;
    a = (std::rotl(a, 27) + b) * 5 + 0x52dce729;
    b ^= std::rotl(words[1] * kSecond, 33) * kFirst;
    b = (std::rotl(b, 31) + a) * 5 + 0x38495ab5;
  }
  a ^= bytes.size();
  b ^= bytes.size();
  a += b;
  b += a;
  return murmur3_finish(a) + murmur3_finish(b);
}

}  // namespace ptcap::decode::fast

#endif  // PTCAP_TESTS_DECODE_FAST_MURMUR3_H_
