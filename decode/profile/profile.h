// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Exact counts of one file's branches and blocks, in the terms of tools that
// optimize by them: BOLT, and AutoFDO and LLVM.

#ifndef PTCAP_DECODE_PROFILE_PROFILE_H_
#define PTCAP_DECODE_PROFILE_PROFILE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "decode/fast/edge_counts.h"
#include "decode/names.h"

namespace ptcap::decode {

// Addresses are those of the file (ELF's virtual ones). Counts add up over
// threads and processes, wherever each has the file.
class Profile {
 public:
  using Range = std::pair<uint64_t, uint64_t>;

  struct File {
    // By from and to; 0 is any address in another file.
    std::map<Range, uint64_t> taken;
    std::map<Range, uint64_t> returns;  // those of `taken` that are returns
    std::map<Range, uint64_t> fell_through;
    // By first and last instruction.
    std::map<Range, uint64_t> blocks;
    uint64_t insns = 0;
  };

  // Adds what a stream ran.
  void add(const fast::FlowCounts& counts, const TraceStream& stream,
           Names& names);

  // By path, as it was mapped.
  const std::map<std::string, File>& files() const { return files_; }

 private:
  std::map<std::string, File> files_;
};

using WriteText = std::function<void(std::string_view text)>;

// Pre-aggregated branches and fall-throughs, as `perf2bolt -pa` reads them
// (bolt/include/bolt/Profile/DataAggregator.h, parseAggregatedLBREntry).
void write_bolt(const Profile::File& file, const WriteText& write);

// Counts of ranges, addresses (none) and branches, as AutoFDO's tools read them
// with --profiler=text (sample_reader.cc, TextSampleReaderWriter).
void write_autofdo(const Profile::File& file, const WriteText& write);

// Counts of ranges and branches, as `llvm-profgen --unsymbolized-profile
// --use-offset=0` reads them (tools/llvm-profgen/PerfReader.cpp,
// UnsymbolizedProfileReader), which makes an LLVM sample profile of them.
void write_llvm_sample(const Profile::File& file, const WriteText& write);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_PROFILE_PROFILE_H_
