// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/names.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <tuple>

#include "decode/symbols/escape.h"

namespace ptcap::decode {

namespace {

// A name as a terminal or a tsv field may have it. What has to be changed for
// that is rare, and kept for good.
std::string_view shown(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '\\';
  });
  if (plain) return name;
  static std::mutex mutex;
  static std::unordered_map<std::string, std::string> escaped;
  const std::lock_guard lock(mutex);
  const auto [at, is_new] = escaped.try_emplace(std::string(name));
  if (is_new) at->second = escape_text(name);
  return at->second;
}

}  // namespace

std::string_view Place::module_name() const {
  if (module == nullptr) return "[unknown]";
  const std::string_view path = module->name;
  const size_t slash = path.rfind('/');
  if (path.starts_with("//") || slash == std::string_view::npos) {
    return shown(path);
  }
  return shown(path.substr(slash + 1));
}

Names::Names(Trace& trace, const SymbolOptions& options,
             formats::Reporter& reporter)
    : trace_(trace), symbolizer_(options, reporter) {}

Names::~Names() = default;

Names::StreamNames& Names::names_of(const TraceStream& stream) {
  if (last_stream_ == &stream) return *last_names_;
  auto& names = streams_[&stream];
  if (!names) names = std::make_unique<StreamNames>(trace_.modules(stream));
  last_stream_ = &stream;
  last_names_ = names.get();
  return *names;
}

const Place& Names::at(const TraceStream& stream, uint64_t ip,
                       uint64_t time_ns) {
  StreamNames& names = names_of(stream);
  // In a trace with time, rows before its first packet have none.
  const bool known = time_ns != 0 || !trace_.has_time();
  if (known && names.modules.advance(time_ns)) {
    for (Range& range : names.recent) range = {};
  }
  Range& range = names.recent[(ip >> 4) % StreamNames::kRecent];
  if (ip < range.begin || ip >= range.end) {
    range = find(stream, names, ip);
  }
  return range.place;
}

Names::Range Names::find(const TraceStream& stream, StreamNames& names,
                         uint64_t ip) {
  Range range{ip, ip + 1, {}};
  const Module* module = names.modules.find(ip);
  if (module == nullptr) return range;
  range.place.module = module;
  if (!module->function.empty()) {  // JIT code
    range.place.function = module->function;
    range.place.function_begin = module->address;
    range.place.function_end = module->address + module->size;
    std::tie(range.begin, range.end) = names.modules.part(ip);
    return range;
  }
  const auto named = symbols(stream, *module).function_at(ip);
  if (!named) return range;
  range.place.function = named->name;
  range.place.function_begin = named->begin;
  range.place.function_end = named->end;
  range.begin = named->begin;
  range.end = named->end;
  return range;
}

const MappedSymbols& Names::symbols(const TraceStream& stream,
                                    const Module& module) {
  const auto [at, is_new] = symbols_.try_emplace(&module);
  if (!is_new || !module.function.empty()) return at->second;
  MappingDescription mapping;
  mapping.pid = stream.pid.value_or(0);
  mapping.path = module.name;
  mapping.build_id = module.build_id;
  mapping.address = module.address;
  mapping.size = module.size;
  mapping.file_offset = module.file_offset;
  if (module.name.starts_with('[')) {  // the vDSO is in no file
    const auto view = trace_.code(stream).view();
    if (const CodeRange* range = view->find(module.address)) {
      mapping.image = range->bytes;
    }
  }
  return at->second = symbolizer_.open(mapping);
}

}  // namespace ptcap::decode
