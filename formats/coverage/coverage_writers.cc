// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/coverage/coverage_writers.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <set>

namespace ptcap::formats {

namespace {

template <typename... Values>
void append(std::string& out, const char* format, Values... values) {
  char line[256];
  const int size = std::snprintf(line, sizeof(line), format, values...);
  out.append(line,
             static_cast<size_t>(std::clamp<int>(size, 0, sizeof(line) - 1)));
}

template <typename T>
void append_bytes(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

uint64_t mix(uint64_t v) { return (v ^ v >> 31) * 0x7fb5d329728ea185; }

uint16_t qemu_place(uint64_t at) {
  return static_cast<uint16_t>(at >> 4 ^ at << 8);
}

void append_file(std::string& out, const std::string& path,
                 const LineCoverage::File& file) {
  out += "SF:" + path + "\n";
  size_t hit_functions = 0;
  for (const auto& function : file.functions) {
    append(out, "FN:%" PRIu32 ",", function.line);
    out += function.name + "\n";
  }
  for (const auto& function : file.functions) {
    append(out, "FNDA:%" PRIu64 ",", function.count);
    out += function.name + "\n";
    if (function.count != 0) ++hit_functions;
  }
  append(out, "FNF:%zu\nFNH:%zu\n", file.functions.size(), hit_functions);
  size_t hit_lines = 0;
  for (const auto& [line, count] : file.lines) {
    append(out, "DA:%" PRIu32 ",%" PRIu64 "\n", line, count);
    if (count != 0) ++hit_lines;
  }
  append(out, "LF:%zu\nLH:%zu\nend_of_record\n", file.lines.size(), hit_lines);
}

}  // namespace

std::string write_drcov(const CoverageData& coverage) {
  std::string out = "DRCOV VERSION: 2\nDRCOV FLAVOR: ptdec\n";
  append(out, "Module Table: version 2, count %zu\n", coverage.modules.size());
  out += "Columns: id, base, end, entry, checksum, timestamp, path\n";
  for (size_t i = 0; i < coverage.modules.size(); ++i) {
    const CoverageModule& module = coverage.modules[i];
    append(out,
           "%3zu, 0x%016" PRIx64 ", 0x%016" PRIx64
           ", 0x0000000000000000, 0x00000000, 0x00000000, ",
           i, module.base, module.base + module.size);
    out += module.path + "\n";
  }
  append(out, "BB Table: %zu bbs\n", coverage.blocks.size());
  for (const auto& [key, block] : coverage.blocks) {
    append_bytes(out, static_cast<uint32_t>(key.first.offset));
    append_bytes(out, static_cast<uint16_t>(std::min(block.size, 0xffffu)));
    append_bytes(out, static_cast<uint16_t>(key.first.module));
  }
  return out;
}

std::string write_lcov(const LineCoverage& coverage) {
  std::string out = "TN:\n";
  for (const auto& [path, file] : coverage.files) append_file(out, path, file);
  return out;
}

std::string write_sancov(const CoverageData& coverage, uint32_t module) {
  // compiler-rt/lib/sanitizer_common/sanitizer_coverage_libcdep_new.cpp
  constexpr uint64_t kMagic64 = 0xc0bfffffffffff64;
  std::set<uint64_t> begins;
  for (const auto& [key, block] : coverage.blocks) {
    if (key.first.module == module)
      begins.insert(coverage.modules[module].image_base + key.first.offset);
  }
  std::string out;
  append_bytes(out, kMagic64);
  for (const uint64_t begin : begins) append_bytes(out, begin);
  return out;
}

uint16_t edge_hash(EdgeHash hash, uint64_t from, uint64_t to) {
  switch (hash) {
    case EdgeHash::kQemu:
      return static_cast<uint16_t>(qemu_place(to) ^ (qemu_place(from) >> 1));
    case EdgeHash::kMix:
      return static_cast<uint16_t>(mix(to) ^ mix(from) >> 1);
  }
  return 0;
}

std::vector<uint8_t> afl_map(const CoverageData& coverage, EdgeHash hash) {
  std::vector<uint8_t> map(kAflMapSize);
  for (const auto& [edge, count] : coverage.edges) {
    uint8_t& hits = map[edge_hash(hash, edge.first.offset, edge.second.offset)];
    hits = static_cast<uint8_t>(std::min<uint64_t>(255, hits + count));
  }
  return map;
}

uint8_t afl_class(uint8_t hits) {
  constexpr uint8_t kLimits[] = {1, 2, 3, 4, 8, 16, 32, 128};
  uint8_t result = 0;
  for (const uint8_t limit : kLimits) {
    if (hits >= limit) ++result;
  }
  return result;
}

std::string write_afl_text(const std::vector<uint8_t>& map, bool raw) {
  std::string out;
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i] == 0) continue;
    append(out, "%06zu:%u\n", i, unsigned{raw ? map[i] : afl_class(map[i])});
  }
  return out;
}

std::string write_afl_bytes(const std::vector<uint8_t>& map, bool raw) {
  std::string out;
  out.reserve(map.size());
  for (const uint8_t hits : map) {
    const unsigned bit = hits == 0 ? 0u : 1u << (afl_class(hits) - 1);
    out.push_back(static_cast<char>(raw ? hits : bit));
  }
  return out;
}

}  // namespace ptcap::formats
