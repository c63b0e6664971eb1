// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The calls of a thread, packed for the page: page/data.js unpacks them.

#ifndef PTCAP_DECODE_REPORT_PACKED_CALLS_H_
#define PTCAP_DECODE_REPORT_PACKED_CALLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::decode {

class PackedCalls {
 public:
  // In order of entry; returns what leave() takes. Times do not go back.
  size_t enter(uint64_t time, uint32_t callee, uint16_t depth);
  void leave(size_t call, uint64_t time) { calls_[call].end = time; }

  size_t size() const { return calls_.size(); }
  uint64_t begin() const { return calls_.empty() ? 0 : calls_.front().begin; }

  // Per call, as LEB128: entry since the last entry (the first: since begin()),
  // duration, callees[callee], depth. Compressed (gzip), in base64.
  std::string packed(const std::vector<uint32_t>& callees) const;

 private:
  struct Call {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint32_t callee = 0;
    uint16_t depth = 0;
  };

  std::vector<Call> calls_;
};

// RFC 1952 around RFC 1951; level 6.
std::string gzip(std::string_view bytes);
// RFC 4648.
std::string base64(std::string_view bytes);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_REPORT_PACKED_CALLS_H_
