// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Coverage as the writers of this folder take it.

#ifndef PTCAP_FORMATS_COVERAGE_COVERAGE_DATA_H_
#define PTCAP_FORMATS_COVERAGE_COVERAGE_DATA_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ptcap::formats {

struct CoverageModule {
  std::string path;   // or "[vdso]", "[unknown]"
  uint64_t base = 0;  // where offset 0 of the module was mapped
  uint64_t size = 0;  // up to the end of its last mapping
  // What the file itself calls offset 0.
  uint64_t image_base = 0;
};

// A place that is the same in every run: `offset` counts from the module's
// base.
struct CoveragePlace {
  uint32_t module = 0;
  uint64_t offset = 0;

  // clang-tidy 14 takes the 0 in what is generated for a pointer.
  auto operator<=>(const CoveragePlace&) const =
      default;  // NOLINT(modernize-use-nullptr)
};

struct CoverageBlock {
  uint32_t size = 0;  // bytes
  uint32_t ninsn = 0;
  uint64_t count = 0;
};

struct CoverageData {
  // Blocks are known by begin and size: branches into the middle of one make
  // another one.
  using BlockKey = std::pair<CoveragePlace, uint32_t>;
  using EdgeKey = std::pair<CoveragePlace, CoveragePlace>;

  std::vector<CoverageModule> modules;
  std::map<BlockKey, CoverageBlock> blocks;
  std::map<EdgeKey, uint64_t> edges;
};

struct LineCoverage {
  struct Function {
    std::string name;
    uint32_t line = 0;  // 0 unknown
    uint64_t count = 0;
  };
  struct File {
    std::map<uint32_t, uint64_t> lines;  // executions by line
    std::vector<Function> functions;
  };
  std::map<std::string, File> files;  // by path
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_COVERAGE_COVERAGE_DATA_H_
