// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/profile/profile.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

// Counts have no time: modules are taken as they are in the end.
constexpr uint64_t kAtEnd = ~0ull;

using formats::hex;

}  // namespace

void Profile::add(const fast::FlowCounts& counts, const TraceStream& stream,
                  Names& names) {
  struct Where {
    File* file = nullptr;
    uint64_t address = 0;
  };
  const auto where = [&](uint64_t ip) {
    const Module* module = names.at(stream, ip, kAtEnd).module;
    if (module == nullptr) return Where();
    const auto address = names.symbols(stream, *module).file_address(ip);
    if (!address) return Where();
    return Where{&files_[module->name], *address};
  };

  std::vector<uint64_t> ends;  // of blocks, sorted
  std::vector<uint64_t> branches;
  for (const fast::BlockCount& count : counts.blocks) {
    ends.push_back(count.block.end);
  }
  for (const fast::EdgeCount& count : counts.edges) {
    branches.push_back(count.edge.from);
  }
  std::sort(ends.begin(), ends.end());
  std::sort(branches.begin(), branches.end());

  for (const fast::BlockCount& count : counts.blocks) {
    const auto [begin, end] = count.block;
    const Where at = where(begin);
    if (at.file == nullptr) continue;
    // A block that no branch ends gets its last byte.
    auto last = std::lower_bound(branches.begin(), branches.end(), end);
    const bool by_branch =
        last != branches.begin() && *std::prev(last) >= begin;
    const uint64_t last_ip = by_branch ? *std::prev(last) : end - 1;
    at.file->blocks[{at.address, at.address + (last_ip - begin)}] +=
        count.count;
    at.file->insns += count.count * count.ninsn;
  }

  for (const fast::EdgeCount& count : counts.edges) {
    const Where from = where(count.edge.from);
    const Where to = where(count.edge.to);
    const auto end =
        std::upper_bound(ends.begin(), ends.end(), count.edge.from);
    const bool fell = count.branch == BranchClass::kCondJump &&
                      end != ends.end() && *end == count.edge.to;
    if (fell && from.file != nullptr && from.file == to.file) {
      from.file->fell_through[{from.address, to.address}] += count.count;
      continue;
    }
    if (from.file == to.file) {
      if (from.file == nullptr) continue;
      from.file->taken[{from.address, to.address}] += count.count;
    } else {
      if (from.file != nullptr) {
        from.file->taken[{from.address, 0}] += count.count;
      }
      if (to.file != nullptr) to.file->taken[{0, to.address}] += count.count;
    }
    if (count.branch == BranchClass::kReturn && to.file != nullptr) {
      to.file->returns[{from.file == to.file ? from.address : 0, to.address}] +=
          count.count;
    }
  }
}

// B: a branch that was taken. F: from the first address to the second one
// nothing was: all of a block, or a conditional branch that fell through. f: as
// F, reached by a return, which is what makes BOLT count the edge behind a call
// that may throw.
void write_bolt(const Profile::File& file, const WriteText& write) {
  const auto place = [](uint64_t address) {
    return address == 0 ? "X:0" : hex(address);
  };
  const auto line = [&](const char* kind, const std::string& from,
                        const std::string& to, uint64_t count,
                        const char* end) {
    write(kind + from + ' ' + to + ' ' + std::to_string(count) + end);
  };
  for (const auto& [edge, count] : file.taken) {
    line("B ", place(edge.first), place(edge.second), count, " 0\n");
  }
  for (const auto& [range, count] : file.blocks) {
    line("F ", hex(range.first), hex(range.second), count, "\n");
  }
  for (const auto& [edge, count] : file.fell_through) {
    line("F ", hex(edge.first), hex(edge.second), count, "\n");
  }
  for (const auto& [edge, count] : file.returns) {
    line("f ", hex(edge.second), hex(edge.second), count, "\n");
  }
}

namespace {

void write_ranges(const Profile::File& file, const WriteText& write) {
  write(std::to_string(file.blocks.size()) + '\n');
  for (const auto& [range, count] : file.blocks) {
    write(hex(range.first) + '-' + hex(range.second) + ':' +
          std::to_string(count) + '\n');
  }
}

// Within the file: neither tool can say where else a branch came from.
void write_branches(const Profile::File& file, const WriteText& write) {
  uint64_t branches = 0;
  for (const auto& [edge, count] : file.taken) {
    branches += edge.first != 0 && edge.second != 0 ? 1 : 0;
  }
  write(std::to_string(branches) + '\n');
  for (const auto& [edge, count] : file.taken) {
    if (edge.first == 0 || edge.second == 0) continue;
    write(hex(edge.first) + "->" + hex(edge.second) + ':' +
          std::to_string(count) + '\n');
  }
}

}  // namespace

void write_autofdo(const Profile::File& file, const WriteText& write) {
  write_ranges(file, write);
  write("0\n");
  write_branches(file, write);
}

void write_llvm_sample(const Profile::File& file, const WriteText& write) {
  write_ranges(file, write);
  write_branches(file, write);
}

}  // namespace ptcap::decode
