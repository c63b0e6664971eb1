// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/jit_dump.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "decode/symbols/escape.h"
#include "formats/io/byte_reader.h"
#include "formats/io/error.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {

namespace {

using formats::ByteReader;
using formats::FormatError;

constexpr uint32_t kMagic = 0x4A695444;  // "JiTD"
constexpr uint64_t kHeaderSize = 6 * 4 + 2 * 8;
constexpr uint64_t kRecordHeaderSize = 4 + 4 + 8;  // id, size, timestamp
constexpr uint64_t kArchTimestamp = 1;             // of the header's flags
constexpr uint64_t kMaxFileSize = 1ull << 30;

enum class RecordId : uint32_t { kLoad = 0, kMove = 1 };  // others say no code

class DumpReader {
 public:
  explicit DumpReader(JitDump& dump) : dump_(dump) {}

  // A record's body. Throws FormatError.
  void take(RecordId id, uint64_t time, ByteReader body) {
    if (id == RecordId::kLoad) return load(time, body);
    if (id == RecordId::kMove) return move(time, body);
  }

 private:
  void load(uint64_t time, ByteReader& body) {
    body.skip(4 + 4 + 8);  // pid, tid, vma
    JitCode code;
    code.time = time;
    code.address = body.u64();
    const uint64_t size = body.u64();
    body.skip(8);  // index
    const uint64_t offset = body.offset();
    const formats::Bytes rest = body.rest();
    const auto nul = std::find(rest.begin(), rest.end(), uint8_t{0});
    const auto length = static_cast<uint64_t>(nul - rest.begin());
    if (nul == rest.end()) {
      throw FormatError(offset, "a name without end");
    }
    const formats::Bytes bytes = rest.subspan(length + 1);
    if (size == 0 || size > bytes.size() || size > ~code.address) {
      throw FormatError(offset, "code of " + std::to_string(size) + " bytes");
    }
    code.name = escape_text(
        std::string_view(reinterpret_cast<const char*>(rest.data()), length));
    code.bytes.assign(bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(size));
    dump_.code.push_back(std::move(code));
  }

  void move(uint64_t time, ByteReader& body) {
    body.skip(4 + 4 + 8);
    const uint64_t from = body.u64();
    const uint64_t to = body.u64();
    const auto old =
        std::find_if(dump_.code.rbegin(), dump_.code.rend(),
                     [&](const JitCode& code) { return code.address == from; });
    if (old == dump_.code.rend()) return;
    JitCode moved = *old;
    moved.time = time;
    moved.address = to;
    if (moved.bytes.size() <= ~to) dump_.code.push_back(std::move(moved));
  }

  JitDump& dump_;
};

void read_records(ByteReader reader, JitDump& dump) {
  DumpReader records(dump);
  while (!reader.empty()) {
    const uint64_t offset = reader.offset();
    const auto id = static_cast<RecordId>(reader.u32());
    const uint32_t size = reader.u32();
    const uint64_t time = reader.u64();
    if (size < kRecordHeaderSize) {
      throw FormatError(offset,
                        "a record of " + std::to_string(size) + " bytes");
    }
    const uint64_t body = reader.offset();
    records.take(id, time,
                 ByteReader(reader.take(size - kRecordHeaderSize), body));
  }
}

}  // namespace

std::optional<JitDump> parse_jit_dump(std::span<const uint8_t> bytes,
                                      const std::string& name,
                                      formats::Reporter& reporter) {
  JitDump dump;
  try {
    ByteReader reader(bytes);
    if (reader.u32() != kMagic) {
      reporter.warn(name + ": no jitdump of this byte order; left out");
      return std::nullopt;
    }
    reader.skip(4);  // version
    const uint32_t header_size = reader.u32();
    reader.skip(4 + 4);  // machine, padding
    dump.pid = reader.u32();
    reader.skip(8);  // timestamp
    if ((reader.u64() & kArchTimestamp) != 0) dump.clock = JitDump::Clock::kTsc;
    if (header_size < kHeaderSize) {
      throw FormatError(
          8, "a header of " + std::to_string(header_size) + " bytes");
    }
    reader.skip(header_size - kHeaderSize);
    read_records(reader, dump);
  } catch (const FormatError& error) {
    reporter.warn(name + ": " + error.what() + "; the rest is left out");
  }
  return dump;
}

std::optional<JitDump> read_jit_dump(const std::string& path,
                                     formats::Reporter& reporter) {
  try {
    const formats::RegularFile file(path);
    if (file.size_bytes() > kMaxFileSize || !file.is_trusted()) {
      reporter.warn(path + ": too large, or of another user; left out");
      return std::nullopt;
    }
    std::vector<uint8_t> bytes(file.size_bytes());
    bytes.resize(file.read(0, bytes));
    return parse_jit_dump(bytes, path, reporter);
  } catch (const std::system_error& error) {
    reporter.warn(
        error.what() +
        std::string("; the code of its JIT is left out (--sysroot?)"));
    return std::nullopt;
  }
}

bool is_jit_dump(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  constexpr std::string_view kPrefix = "jit-";
  constexpr std::string_view kSuffix = ".dump";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  const std::string_view digits = name.substr(
      kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  return !digits.empty() &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace ptcap::decode
