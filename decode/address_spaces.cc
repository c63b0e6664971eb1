// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/address_spaces.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "decode/symbols/escape.h"
#include "formats/elf/elf_file.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {

namespace {

constexpr uint64_t kForever = ~0ull;
constexpr uint32_t kNoProcess = ~0u;
// A chain of forks that is longer is a lie, or a fork bomb whose code is the
// same all along.
constexpr unsigned kMaxForkDepth = 64;

}  // namespace

// --------------------------------------------------------------- ModuleMap

const Module* ModuleMap::find(uint64_t ip) const {
  auto after = parts_.upper_bound(ip);
  if (after == parts_.begin()) return nullptr;
  const auto& [begin, part] = *std::prev(after);
  return ip < part.end ? part.module : nullptr;
}

std::pair<uint64_t, uint64_t> ModuleMap::part(uint64_t ip) const {
  const auto& [begin, part] = *std::prev(parts_.upper_bound(ip));
  return {begin, part.end};
}

bool ModuleMap::advance(uint64_t time_ns) {
  if (time_ns == 0) time_ns = kForever;
  const size_t before = next_;
  while (next_ < changes_.size() && changes_[next_].time_ns <= time_ns) {
    const Change& change = changes_[next_++];
    if (change.exec) {
      parts_.erase(parts_.begin(), parts_.lower_bound(kKernelBegin));
    } else {
      add(*change.module);
    }
  }
  return next_ != before;
}

void ModuleMap::add(const Module& module) {
  const uint64_t begin = module.address;
  const uint64_t end = begin + module.size;
  if (end <= begin) return;
  auto at = parts_.lower_bound(begin);
  if (at != parts_.begin()) {
    auto before = std::prev(at);
    const Part part = before->second;
    if (part.end > begin) before->second.end = begin;
    if (part.end > end) parts_[end] = part;
  }
  at = parts_.lower_bound(begin);
  while (at != parts_.end() && at->first < end) {
    const Part part = at->second;
    at = parts_.erase(at);
    if (part.end > end) parts_[end] = part;
  }
  parts_[begin] = {end, &module};
}

// ----------------------------------------------------------- AddressSpaces

AddressSpaces::AddressSpaces(const formats::TraceReader& reader,
                             const TraceFacts& facts, ImageStore& store,
                             ModuleFiles& files, std::string image_folder,
                             formats::Reporter& reporter)
    : reader_(reader),
      facts_(facts),
      store_(store),
      files_(files),
      image_folder_(std::move(image_folder)),
      reporter_(reporter) {
  for (const ProcessEvent& event : facts.events) {
    if (event.kind != ProcessEvent::Kind::kMap) continue;
    if (is_jit_dump(event.name)) continue;  // a marker: no code is in it
    const uint32_t pid = event.kernel ? kNoProcess : event.pid;
    modules_[pid].push_back({event.time_ns, event.address, event.size,
                             event.file_offset, event.build_id, event.name,
                             /*function=*/{}});
  }
  // Code that no MMAP2 names: JITs, the vDSO of some sources.
  for (const formats::CodeMapping& mapping : reader.code_mappings()) {
    if (mapping.size == 0) continue;
    auto& modules = modules_[mapping.pid];
    const bool named =
        std::any_of(modules.begin(), modules.end(), [&](const Module& module) {
          return mapping.address - module.address < module.size;
        });
    if (!named) {
      modules.push_back({.time_ns = mapping.time_ns,
                         .address = mapping.address,
                         .size = mapping.size,
                         .build_id = {},
                         .name = mapping.name,
                         .function = {}});
    }
  }
  for (const KernelSymbol& symbol : facts.kernel_symbols) {
    modules_[kNoProcess].push_back({.time_ns = symbol.time_ns,
                                    .address = symbol.address,
                                    .size = symbol.size,
                                    .build_id = {},
                                    .name = "[kernel]",
                                    .function = escape_text(symbol.name)});
  }
  read_text_pokes();
  add_jit_dumps();
}

// All in one image: there may be many, and each image takes a page.
void AddressSpaces::read_text_pokes() {
  std::vector<uint8_t> all;
  for (const TextPoke& poke : facts_.text_pokes) {
    all.insert(all.end(), poke.old_bytes.begin(), poke.old_bytes.end());
    all.insert(all.end(), poke.new_bytes.begin(), poke.new_bytes.end());
  }
  auto rest = store_.add(all);
  const auto take = [&](size_t size) {
    const auto part = rest.first(size);
    rest = rest.subspan(size);
    return part;
  };
  for (const TextPoke& poke : facts_.text_pokes) {
    const CodeRange before{poke.address, take(poke.old_bytes.size())};
    const CodeRange after{poke.address, take(poke.new_bytes.size())};
    pokes_.push_back({poke.time_ns, before, after});
  }
}

// ---------------------------------------------------------------- jitdump

void AddressSpaces::add_jit_dumps() {
  std::set<std::pair<uint32_t, std::string>> known;
  for (const ProcessEvent& event : facts_.events) {
    if (event.kind != ProcessEvent::Kind::kMap || !is_jit_dump(event.name) ||
        !known.insert({event.pid, event.name}).second) {
      continue;
    }
    auto dump = read_jit_dump(files_.sysroot() + event.name, reporter_);
    if (!dump) continue;
    dump->pid = event.pid;  // its own may be that of a namespace
    add_jit_code(std::move(*dump), event.name);
  }
}

void AddressSpaces::add_jit_code(JitDump dump, const std::string& path) {
  std::stable_sort(
      dump.code.begin(), dump.code.end(),
      [](const JitCode& a, const JitCode& b) { return a.time < b.time; });
  auto& code = jit_code_[dump.pid];
  auto& modules = modules_[dump.pid];
  std::vector<uint8_t> all;  // in one image, as each takes a page
  for (const JitCode& made : dump.code) {
    all.insert(all.end(), made.bytes.begin(), made.bytes.end());
  }
  auto rest = store_.add(all);
  CodeView seen;
  for (JitCode& made : dump.code) {
    const CodeRange range{made.address, rest.first(made.bytes.size())};
    rest = rest.subspan(made.bytes.size());
    uint64_t time = made.time;
    if (dump.clock == JitDump::Clock::kTsc && facts_.clock) {
      time = facts_.clock->to_ns(time);
    }
    // What is not there yet cannot have run: only where something else was
    // there before does the time count, which may be a little late.
    if (!seen.overlaps(range)) time = mapped_at(dump.pid, made, time);
    seen.add(range);
    code.push_back({time, range});
    modules.push_back({.time_ns = time,
                       .address = made.address,
                       .size = made.bytes.size(),
                       .build_id = {},
                       .name = path,
                       .function = std::move(made.name)});
  }
}

// When the memory came that the code is in.
uint64_t AddressSpaces::mapped_at(uint32_t pid, const JitCode& code,
                                  uint64_t time_ns) const {
  uint64_t mapped = 0;
  for (const Module& module : modules_.at(pid)) {
    if (module.time_ns <= time_ns && module.function.empty() &&
        code.address - module.address < module.size) {
      mapped = std::max(mapped, module.time_ns);
    }
  }
  return mapped;
}

// Kernel code may have been read before or behind a change, so what stood there
// before the first one is told, too. Only where there is code at all.
void AddressSpaces::add_text_pokes(std::vector<TimedRange>& ranges) const {
  CodeView code;
  for (const TimedRange& timed : ranges) code.add(timed.range);
  CodeView poked;
  for (const auto& [time, before, after] : pokes_) {
    if (!code.overlaps(after)) continue;
    if (!poked.overlaps(before)) ranges.push_back({0, before});
    poked.add(after);
    ranges.push_back({time, after});
  }
}

// Where the trace has none.
void AddressSpaces::add_from_dumps(uint32_t pid, uint64_t until_ns,
                                   std::vector<TimedRange>& ranges) const {
  const auto at = jit_code_.find(pid);
  if (at == jit_code_.end()) return;
  CodeView recorded;
  for (const TimedRange& timed : ranges) recorded.add(timed.range);
  for (const TimedRange& timed : at->second) {
    if (timed.time_ns > until_ns || recorded.overlaps(timed.range)) continue;
    ranges.push_back(timed);
  }
}

const ProcessEvent* AddressSpaces::fork_of(uint32_t pid) const {
  const ProcessEvent* found = nullptr;
  for (const ProcessEvent& event : facts_.events) {
    if (event.kind == ProcessEvent::Kind::kFork && event.pid == pid) {
      found = &event;
    }
  }
  return found;
}

ModuleMap AddressSpaces::modules(uint32_t pid) const {
  ModuleMap map;
  uint64_t until = kForever;
  uint64_t process = pid;
  for (unsigned depth = 0; depth < kMaxForkDepth; ++depth) {
    const auto id = static_cast<uint32_t>(process);
    if (const auto at = modules_.find(id); at != modules_.end()) {
      for (const Module& module : at->second) {
        if (module.time_ns <= until) map.add_change_of(module);
      }
    }
    for (const ProcessEvent& event : facts_.events) {
      if (event.kind == ProcessEvent::Kind::kExec && event.pid == id &&
          event.time_ns <= until && event.time_ns != 0) {
        map.changes_.push_back({event.time_ns, true, nullptr});
      }
    }
    const ProcessEvent* fork = fork_of(id);
    if (fork == nullptr) break;
    until = std::min(until, fork->time_ns);
    process = fork->parent_pid;
  }
  if (const auto at = modules_.find(kNoProcess);
      at != modules_.end() && pid != kNoProcess) {
    for (const Module& module : at->second) {
      if (module.address >= kKernelBegin) map.add_change_of(module);
    }
  }
  std::stable_sort(map.changes_.begin(), map.changes_.end(),
                   [](const auto& a, const auto& b) {
                     if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
                     return a.exec && !b.exec;
                   });
  return map;
}

std::optional<std::vector<uint8_t>> AddressSpaces::read_image(
    const formats::ImageId& id) const {
  constexpr uint64_t kMaxImage = 1ull << 30;  // as a trace holds them
  auto found = reader_.image(id);
  if (found || image_folder_.empty()) return found;
  const std::string path = image_folder_ + "/" + formats::to_hex(id);
  try {
    const formats::RegularFile file(path);
    std::vector<uint8_t> bytes(std::min(file.size_bytes(), kMaxImage));
    bytes.resize(file.read(0, bytes));
    if (formats::image_id_of(bytes) == id) return bytes;
    reporter_.warn(path + ": not the code of its name; it is left out");
  } catch (const std::system_error& error) {
    reporter_.warn(std::string(error.what()) +
                   "; its code is left out (--image-store?)");
  }
  return std::nullopt;
}

std::span<const uint8_t> AddressSpaces::image(const formats::ImageId& id) {
  if (const auto at = images_.find(id); at != images_.end()) return at->second;
  std::span<const uint8_t> bytes;
  if (const auto read = read_image(id)) bytes = store_.add(*read);
  return images_[id] = bytes;
}

CodeRange AddressSpaces::range_of(const formats::CodeMapping& mapping) {
  const auto bytes = image(mapping.image);
  if (mapping.image_offset >= bytes.size()) return {mapping.address, {}};
  const auto rest = bytes.subspan(mapping.image_offset);
  return {mapping.address,
          rest.first(std::min<uint64_t>(rest.size(), mapping.size))};
}

void AddressSpaces::add_recorded(uint32_t pid, uint64_t until_ns,
                                 bool with_streams,
                                 std::vector<TimedRange>& ranges) {
  for (const formats::CodeMapping& mapping : reader_.code_mappings()) {
    if (mapping.pid != pid || mapping.size == 0) continue;
    if (mapping.time_ns > until_ns) continue;
    const bool own = mapping.aux_idx != formats::CodeMapping::kAllStreams;
    if (own && !with_streams) continue;
    ranges.push_back({mapping.time_ns, range_of(mapping)});
  }
}

void AddressSpaces::add_kernel(std::vector<TimedRange>& ranges) {
  for (const formats::CodeMapping& mapping : reader_.code_mappings()) {
    if (mapping.pid != kNoProcess || mapping.address < kKernelBegin) continue;
    ranges.push_back({mapping.time_ns, range_of(mapping)});
  }
}

void AddressSpaces::add_from_files(uint32_t pid, uint64_t until_ns,
                                   std::vector<TimedRange>& ranges) {
  const auto at = modules_.find(pid);
  if (at == modules_.end()) return;
  for (const Module& module : at->second) {
    if (module.time_ns > until_ns || !module.function.empty()) continue;
    ranges.push_back(
        {module.time_ns,
         {module.address, files_.bytes(module.name, module.build_id,
                                       module.file_offset, module.size)}});
  }
}

// What a process had up to a time, what it has from its parent included.
std::vector<AddressSpaces::TimedRange> AddressSpaces::ranges_of(
    uint32_t pid, uint64_t until_ns, bool with_streams, unsigned depth) {
  std::vector<TimedRange> ranges;
  const ProcessEvent* fork = fork_of(pid);
  if (fork != nullptr && depth < kMaxForkDepth) {
    ranges = ranges_of(fork->parent_pid, std::min(until_ns, fork->time_ns),
                       true, depth + 1);
  }
  if (reader_.code_mappings().empty()) {
    add_from_files(pid, until_ns, ranges);
  } else {
    add_recorded(pid, until_ns, with_streams, ranges);
    if (depth == 0 && pid != kNoProcess) add_kernel(ranges);
  }
  add_from_dumps(pid, until_ns, ranges);
  if (depth == 0) add_text_pokes(ranges);
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const TimedRange& a, const TimedRange& b) {
                     return a.time_ns < b.time_ns;
                   });
  return ranges;
}

// Code that is never in conflict is there from the beginning, so that only
// real changes make a new view.
AddressSpaces::Process AddressSpaces::make_process(uint32_t pid) {
  CodeView local;  // what streams change by themselves
  for (const formats::CodeMapping& mapping : reader_.code_mappings()) {
    if (mapping.pid == pid && mapping.size != 0 &&
        mapping.aux_idx != formats::CodeMapping::kAllStreams) {
      local.add(range_of(mapping));
    }
  }
  auto first = std::make_shared<CodeView>();
  auto changes = std::make_shared<std::vector<CodeChange>>();
  CodeView changed;
  for (const TimedRange& timed : ranges_of(pid, kForever, false, 0)) {
    if (timed.range.bytes.empty()) continue;
    const bool settled =
        !changed.overlaps(timed.range) &&
        (!first->overlaps(timed.range) || first->holds(timed.range));
    if (settled && !local.overlaps(timed.range)) {
      first->add(timed.range);
      continue;
    }
    if (settled && !first->overlaps(timed.range)) first->add(timed.range);
    changed.add(timed.range);
    changes->push_back({std::nullopt, timed.time_ns, {timed.range}});
  }
  return {first, changes};
}

const AddressSpaces::Process& AddressSpaces::process(uint32_t pid) {
  const auto at = processes_.find(pid);
  if (at != processes_.end()) return at->second;
  return processes_[pid] = make_process(pid);
}

StreamCode AddressSpaces::code(uint32_t pid, uint32_t idx) {
  const Process& process = this->process(pid);
  auto by_offset = std::make_shared<std::vector<CodeChange>>();
  for (const formats::CodeMapping& mapping : reader_.code_mappings()) {
    if (mapping.aux_idx != idx) continue;
    if (by_offset->empty() ||
        by_offset->back().aux_offset != mapping.aux_offset) {
      by_offset->push_back({mapping.aux_offset, mapping.time_ns, {}});
    }
    if (mapping.size == 0) continue;
    by_offset->back().ranges.push_back(range_of(mapping));
  }
  std::stable_sort(by_offset->begin(), by_offset->end(),
                   [](const CodeChange& a, const CodeChange& b) {
                     return a.aux_offset < b.aux_offset;
                   });
  return StreamCode(process.first, process.changes, std::move(by_offset));
}

}  // namespace ptcap::decode
