// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/report/packed_calls.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace ptcap::decode {

namespace {

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

}  // namespace

size_t PackedCalls::enter(uint64_t time, uint32_t callee, uint16_t depth) {
  calls_.push_back({time, time, callee, depth});
  return calls_.size() - 1;
}

std::string PackedCalls::packed(const std::vector<uint32_t>& callees) const {
  std::string bytes;
  uint64_t last = begin();
  for (const Call& call : calls_) {
    put_varint(bytes, call.begin - last);
    put_varint(bytes, call.end - call.begin);
    put_varint(bytes, callees[call.callee]);
    put_varint(bytes, call.depth);
    last = call.begin;
  }
  return base64(gzip(bytes));
}

std::string gzip(std::string_view bytes) {
  constexpr int kGzip = 15 + 16;  // window bits; 16: with gzip's header
  z_stream stream = {};
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string out;
  std::string buffer(256 << 10, '\0');
  size_t at = 0;
  int status = Z_OK;
  do {
    if (stream.avail_in == 0 && at < bytes.size()) {
      const size_t size = std::min<size_t>(bytes.size() - at, 1 << 20);
      // zlib does not write there, but its interface is older than const.
      stream.next_in =
          const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data() + at));
      stream.avail_in = static_cast<uInt>(size);
      at += size;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = deflate(&stream, at == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer, 0, buffer.size() - stream.avail_out);
  } while (status != Z_STREAM_END);
  deflateEnd(&stream);
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    const size_t size = std::min<size_t>(3, bytes.size() - at);
    for (size_t i = 0; i < 3; ++i) {
      const uint8_t byte =
          i < size ? static_cast<uint8_t>(bytes[at + i]) : uint8_t{0};
      group = group << 8 | byte;
    }
    for (size_t i = 0; i < 4; ++i) {
      text += i <= size ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

}  // namespace ptcap::decode
