// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/coverage/coverage.h"

#include <algorithm>
#include <array>
#include <optional>

#include "decode/coverage/static_blocks.h"
#include "decode/insn_info.h"

namespace ptcap::decode {

namespace {

// Counts have no time: modules are taken as they are in the end.
constexpr uint64_t kAtEnd = ~0ull;

// Instructions of [begin, end), as far as the code is known.
template <typename Visit>
void for_each_insn(const CodeView& code, ExecMode mode, uint64_t begin,
                   uint64_t end, Visit visit) {
  std::array<uint8_t, kMaxInsnSize> bytes;
  for (uint64_t ip = begin; ip < end;) {
    const size_t size = code.read(ip, bytes);
    const uint8_t length = insn_size(std::span(bytes).first(size), mode);
    if (length == 0) return;
    visit(ip);
    ip += length;
  }
}

std::string copy_of(const std::vector<SourceFrame>& frames) {
  std::string copy;
  for (size_t i = 0; i < frames.size(); ++i) {
    copy += frames[i].function;
    if (i > 0) copy += ':' + std::to_string(frames[i].line);
    copy += ';';
  }
  return copy;
}

}  // namespace

formats::CoveragePlace Coverage::place(const TraceStream& stream,
                                       const Place& place, uint64_t ip,
                                       Names& names) {
  const Module* module = place.module;
  const std::string path = module != nullptr ? module->name : "[unknown]";
  const auto [at, is_new] = module_ids_.try_emplace(
      path, static_cast<uint32_t>(data_.modules.size()));
  if (is_new) data_.modules.push_back({.path = path});
  if (module == nullptr) return {at->second, ip};
  const auto file_address = names.symbols(stream, *module).file_address(ip);
  const uint64_t mapped_base = module->address - module->file_offset;
  const uint64_t bias = file_address ? ip - *file_address : mapped_base;
  const uint64_t base = bias == 0 ? mapped_base : bias;
  formats::CoverageModule& known = data_.modules[at->second];
  if (known.size == 0) {
    known.base = base;
    known.image_base = base - bias;
  }
  known.size = std::max(known.size, module->address + module->size - base);
  return {at->second, ip - base};
}

void Coverage::add(const fast::FlowCounts& counts, const TraceStream& stream,
                   Names& names, const Filter& filter) {
  for (const fast::BlockCount& count : counts.blocks) {
    add_block(count, stream, names, filter);
  }
  for (const fast::EdgeCount& count : counts.edges) {
    const Place from = names.at(stream, count.edge.from, kAtEnd);
    if (filter && !filter(from)) continue;
    const auto begin = place(stream, from, count.edge.from, names);
    const Place to = names.at(stream, count.edge.to, kAtEnd);
    const auto end = place(stream, to, count.edge.to, names);
    data_.edges[{begin, end}] += count.count;
  }
}

void Coverage::add_block(const fast::BlockCount& count,
                         const TraceStream& stream, Names& names,
                         const Filter& filter) {
  const uint64_t begin = count.block.begin;
  const Place where = names.at(stream, begin, kAtEnd);
  if (filter && !filter(where)) return;
  const auto size = static_cast<uint32_t>(count.block.end - begin);
  formats::CoverageBlock& block =
      data_.blocks[{place(stream, where, begin, names), size}];
  FunctionCoverage& function = functions_[{
      std::string(where.module_name()),
      where.function.empty() ? "[unknown]" : std::string(where.function)}];
  if (block.count == 0) ++function.blocks;
  function.instructions += count.count * count.ninsn;
  if (begin == where.function_begin) function.entries += count.count;
  block.size = size;
  block.ninsn = count.ninsn;
  block.count += count.count;
}

void Coverage::add_lines(const fast::FlowCounts& counts,
                         const TraceStream& stream, Names& names,
                         const CodeView& code, ExecMode mode,
                         const Filter& filter) {
  std::map<uint64_t, uint64_t> executed;   // by ip
  std::map<uint64_t, NamedRange> touched;  // functions, by begin
  for (const fast::BlockCount& count : counts.blocks) {
    const Place where = names.at(stream, count.block.begin, kAtEnd);
    if (where.module == nullptr || (filter && !filter(where))) continue;
    for_each_insn(code, mode, count.block.begin, count.block.end,
                  [&](uint64_t ip) { executed[ip] += count.count; });
    const auto function =
        names.symbols(stream, *where.module).function_at(count.block.begin);
    if (function) touched[function->begin] = *function;
  }
  // Lines of these functions that did not run.
  for (const auto& [begin, function] : touched) {
    for_each_insn(code, mode, begin, function.end,
                  [&](uint64_t ip) { executed.try_emplace(ip, 0); });
  }
  std::map<LineKey, uint64_t> lines;  // a line ran as often as its code did
  for (const auto& [ip, count] : executed) {
    const Place where = names.at(stream, ip, kAtEnd);
    if (where.module == nullptr) continue;
    const auto frames = names.symbols(stream, *where.module).source_at(ip);
    if (frames.empty() || frames[0].line == 0) continue;
    uint64_t& most = lines[{frames[0].file, frames[0].line, copy_of(frames)}];
    most = std::max(most, count);
    if (touched.count(ip) == 0) continue;
    auto& function =
        line_functions_[{frames.back().file, std::string(touched[ip].name)}];
    function.name = std::string(touched[ip].name);
    function.line = frames.back().line;
    function.count += count;
  }
  for (const auto& [key, count] : lines) lines_[key] += count;
}

void Coverage::add_modules(const fast::FlowCounts& counts,
                           const TraceStream& stream, Names& names,
                           const CodeView& code, ExecMode mode,
                           const Filter& filter) {
  std::set<const Module*> modules;
  for (const fast::BlockCount& count : counts.blocks) {
    const Place where = names.at(stream, count.block.begin, kAtEnd);
    if (where.module != nullptr && (!filter || filter(where))) {
      modules.insert(where.module);
    }
  }
  const auto function_at = [&](uint64_t ip) -> std::optional<FunctionExtent> {
    const Place where = names.at(stream, ip, kAtEnd);
    if (where.function.empty()) return std::nullopt;
    return FunctionExtent{where.function_begin, where.function_end};
  };
  for (const Module* module : modules) {
    const Place at_begin = names.at(stream, module->address, kAtEnd);
    const auto id = place(stream, at_begin, module->address, names).module;
    StaticModule& known = static_modules_[id];
    if (!known.mappings.insert(module->file_offset).second) continue;
    for (const uint64_t ip :
         static_blocks(code, module->address, module->address + module->size,
                       mode, function_at)) {
      const Place where = names.at(stream, ip, kAtEnd);
      if (filter && !filter(where)) continue;
      const auto name = known.functions.emplace(where.function).first;
      known.blocks.push_back({place(stream, where, ip, names).offset, *name});
    }
  }
}

std::map<std::string, ModuleCoverage> Coverage::modules() const {
  std::map<std::string, ModuleCoverage> result;
  for (const auto& [id, module] : static_modules_) {
    // What ran, as offsets behind which it ends.
    std::map<uint64_t, uint64_t> ran;
    uint64_t begin = 0;
    uint64_t end = 0;
    const auto first = data_.blocks.lower_bound({{id, 0}, 0});
    for (auto at = first;
         at != data_.blocks.end() && at->first.first.module == id; ++at) {
      const uint64_t offset = at->first.first.offset;
      if (offset > end || ran.empty()) begin = offset;
      end = std::max(end, offset + at->second.size);
      ran[begin] = end;
    }
    ModuleCoverage& sum = result[data_.modules[id].path];
    std::set<std::string_view> functions_run;
    for (const StaticBlock& block : module.blocks) {
      ++sum.blocks;
      const auto behind = ran.upper_bound(block.offset);
      if (behind == ran.begin() || std::prev(behind)->second <= block.offset) {
        continue;
      }
      ++sum.blocks_run;
      functions_run.insert(block.function);
    }
    // What is in no function that has a name is not counted as one.
    sum.functions = module.functions.size() - module.functions.count("");
    sum.functions_run = functions_run.size() - functions_run.count("");
  }
  return result;
}

void Coverage::remove(const Coverage& base) {
  // Modules have other numbers there.
  std::map<uint32_t, uint32_t> ours;
  for (const auto& [path, id] : base.module_ids_) {
    const auto at = module_ids_.find(path);
    if (at != module_ids_.end()) ours[id] = at->second;
  }
  const auto translated = [&](formats::CoveragePlace place) {
    const auto at = ours.find(place.module);
    place.module = at != ours.end() ? at->second : ~0u;
    return place;
  };
  for (const auto& [key, block] : base.data_.blocks) {
    data_.blocks.erase({translated(key.first), key.second});
  }
  for (const auto& [key, count] : base.data_.edges) {
    data_.edges.erase({translated(key.first), translated(key.second)});
  }
  for (const auto& [key, function] : base.functions_) functions_.erase(key);
  // What did not run here is nothing that only this one has.
  std::erase_if(lines_, [&base](const auto& line) {
    const auto at = base.lines_.find(line.first);
    return line.second == 0 || (at != base.lines_.end() && at->second != 0);
  });
}

formats::LineCoverage Coverage::lines() const {
  formats::LineCoverage result;
  for (const auto& [key, count] : lines_) {
    result.files[key.file].lines[key.line] += count;
  }
  for (const auto& [key, function] : line_functions_) {
    result.files[key.first].functions.push_back(function);
  }
  return result;
}

}  // namespace ptcap::decode
