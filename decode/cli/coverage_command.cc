// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec coverage: rows, or a file for another tool.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/coverage_input.h"
#include "decode/cli/output.h"
#include "decode/cli/table.h"
#include "formats/coverage/coverage_writers.h"
#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

using Mark = Table::Row;  // cells in front of each row

Table::Row with(const Mark& mark, Table::Row row) {
  row.insert(row.begin(), mark.begin(), mark.end());
  return row;
}

void put_functions(const Coverage& coverage, const Mark& mark, Table& out) {
  using Entry = std::pair<const Coverage::FunctionKey, FunctionCoverage>;
  std::vector<const Entry*> entries;
  for (const Entry& entry : coverage.functions()) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry* a, const Entry* b) {
                     return a->second.instructions > b->second.instructions;
                   });
  for (const Entry* entry : entries) {
    const FunctionCoverage& function = entry->second;
    out.put(with(mark, {{"module", entry->first.first, true},
                        {"function", entry->first.second, true},
                        {"entries", std::to_string(function.entries)},
                        {"blocks", std::to_string(function.blocks)},
                        {"insns", std::to_string(function.instructions)}}));
  }
}

void put_blocks(const Coverage& coverage, const Mark& mark, Table& out) {
  const auto& data = coverage.data();
  for (const auto& [key, block] : data.blocks) {
    out.put(with(mark, {{"module", data.modules[key.first.module].path, true},
                        {"offset", formats::hex(key.first.offset), true},
                        {"size", std::to_string(block.size)},
                        {"insns", std::to_string(block.ninsn)},
                        {"count", std::to_string(block.count)}}));
  }
}

void put_edges(const Coverage& coverage, const Mark& mark, Table& out) {
  const auto& data = coverage.data();
  for (const auto& [key, count] : data.edges) {
    const auto& [from, to] = key;
    out.put(with(mark, {{"from_module", data.modules[from.module].path, true},
                        {"from", formats::hex(from.offset), true},
                        {"to_module", data.modules[to.module].path, true},
                        {"to", formats::hex(to.offset), true},
                        {"count", std::to_string(count)}}));
  }
}

void put_lines(const Coverage& coverage, const Mark& mark, Table& out) {
  for (const auto& [path, file] : coverage.lines().files) {
    for (const auto& [line, count] : file.lines) {
      out.put(with(mark, {{"file", path, true},
                          {"line", std::to_string(line)},
                          {"count", std::to_string(count)}}));
    }
  }
}

std::string percent(uint64_t part, uint64_t all) {
  char text[16];
  std::snprintf(
      text, sizeof(text), "%.1f",
      all == 0 ? 0.0
               : 100.0 * static_cast<double>(part) / static_cast<double>(all));
  return text;
}

void put_modules(const Coverage& coverage, const Mark& mark, Table& out) {
  for (const auto& [path, module] : coverage.modules()) {
    out.put(
        with(mark, {{"module", path, true},
                    {"functions_run", std::to_string(module.functions_run)},
                    {"functions", std::to_string(module.functions)},
                    {"blocks_run", std::to_string(module.blocks_run)},
                    {"blocks", std::to_string(module.blocks)},
                    {"percent", percent(module.blocks_run, module.blocks)}}));
  }
}

void put_rows(const CommandLine& line, const Coverage& coverage,
              const Mark& mark, Table& out) {
  if (line.by == "block") return put_blocks(coverage, mark, out);
  if (line.by == "edge") return put_edges(coverage, mark, out);
  if (line.by == "line") return put_lines(coverage, mark, out);
  if (line.by == "module") return put_modules(coverage, mark, out);
  put_functions(coverage, mark, out);
}

// sancov files are of one module each.
uint32_t only_module(const Coverage& coverage) {
  std::vector<uint32_t> with_blocks;
  for (const auto& [key, block] : coverage.data().blocks) {
    if (with_blocks.empty() || with_blocks.back() != key.first.module) {
      with_blocks.push_back(key.first.module);
    }
  }
  if (with_blocks.size() == 1) return with_blocks.front();
  std::string names;
  for (const uint32_t id : with_blocks) {
    names += "\n  " + coverage.data().modules[id].path;
  }
  throw UsageError(
      "--to sancov: a sancov file is of one module; choose with --module" +
      names);
}

std::string file_for(const CommandLine& line, const Coverage& coverage) {
  using formats::EdgeHash;
  const auto& data = coverage.data();
  if (line.to == "drcov") return formats::write_drcov(data);
  if (line.to == "lcov") return formats::write_lcov(coverage.lines());
  if (line.to == "sancov") {
    return formats::write_sancov(data, only_module(coverage));
  }
  const EdgeHash hash =
      line.edge_hash == "mix" ? EdgeHash::kMix : EdgeHash::kQemu;
  const auto map = formats::afl_map(data, hash);
  return line.to == "afl-map" ? formats::write_afl_bytes(map, line.raw_afl)
                              : formats::write_afl_text(map, line.raw_afl);
}

bool is_file(const std::string& to) {
  return !to.empty() && to != "text" && to != "json";
}

// What only one of two traces has.
int run_diff(const CommandLine& line, formats::Reporter& reporter) {
  if (is_file(line.to)) throw UsageError("--diff: only --to text or json");
  if (line.by == "module") {
    throw UsageError("--diff: --by module has percentages of whole modules");
  }
  const CoverageWants wants = {.lines = line.by == "line"};
  CoverageInput a = coverage_of({line.traces[0]}, line, wants, reporter);
  const CoverageInput b = coverage_of({line.traces[1]}, line, wants, reporter);
  Coverage only_a = a.coverage;
  only_a.remove(b.coverage);
  Coverage only_b = b.coverage;
  only_b.remove(a.coverage);
  Output out({line.output, line.force, line.colour});
  Table rows(out, line);
  put_rows(line, only_a, {{"only_in", line.traces[0], true}}, rows);
  put_rows(line, only_b, {{"only_in", line.traces[1], true}}, rows);
  rows.finish();
  out.flush();
  a.gaps += b.gaps;
  a.damaged |= b.damaged;
  return finish_coverage(line, a, reporter);
}

Table::Cell id_cell(const char* name, const std::optional<uint32_t>& id) {
  return {name, id ? std::to_string(*id) : ""};
}

// Each thread on its own.
int run_by_thread(const CommandLine& line, formats::Reporter& reporter) {
  if (is_file(line.to)) {
    throw UsageError("--per-thread: only --to text or json; --tid chooses one");
  }
  const CoverageWants wants = {.lines = line.by == "line",
                               .modules = line.by == "module"};
  const auto threads = coverage_by_thread(line.traces, line, wants, reporter);
  Output out({line.output, line.force, line.colour});
  Table rows(out, line);
  CoverageInput all;
  for (const auto& [thread, input] : threads) {
    put_rows(line, input.coverage,
             {id_cell("pid", thread.pid), id_cell("tid", thread.tid)}, rows);
    all.gaps += input.gaps;
    all.damaged |= input.damaged;
  }
  rows.finish();
  out.flush();
  return finish_coverage(line, all, reporter);
}

}  // namespace

int run_coverage(const CommandLine& line, formats::Reporter& reporter) {
  if (line.diff) return run_diff(line, reporter);
  if (line.per_thread) return run_by_thread(line, reporter);
  const CoverageWants wants = {.lines = line.to == "lcov" || line.by == "line",
                               .modules = line.by == "module"};
  CoverageInput input = coverage_of(line.traces, line, wants, reporter);
  if (!line.only_new.empty()) {
    input.coverage.remove(
        coverage_of({line.only_new}, line, wants, reporter).coverage);
  }
  const bool as_file = is_file(line.to);
  const std::string file = as_file ? file_for(line, input.coverage) : "";
  Output out({line.output, line.force, line.colour});
  if (as_file) {
    out.write(file);
  } else {
    Table rows(out, line);
    put_rows(line, input.coverage, {}, rows);
    rows.finish();
  }
  out.flush();
  return finish_coverage(line, input, reporter);
}

}  // namespace ptcap::decode
