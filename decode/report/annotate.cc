// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/report/annotate.h"

#include <algorithm>
#include <array>
#include <exception>

#include "decode/insn_info.h"
#include "decode/symbols/escape.h"
#include "formats/io/regular_file.h"

namespace ptcap::decode {

namespace {

constexpr uint64_t kMaxSourceBytes = 4 << 20;
constexpr size_t kMaxSourceLine = 400;
// Longer functions end there: nobody reads further, and the page is one file.
constexpr size_t kMaxLines = 4000;

constexpr std::array<std::string_view, 20> kSourceEndings = {
    "c",   "h",   "cc", "cpp", "cxx", "hh", "hpp", "hxx", "inc", "tcc",
    "inl", "ipp", "s",  "S",   "rs",  "go", "zig", "f90", "d",   "asm"};

// A binary can name any file as its source, and pages are passed on.
bool is_source(const std::string& path) {
  const std::string_view ending =
      std::string_view(path).substr(path.rfind('.') + 1);
  return std::find(kSourceEndings.begin(), kSourceEndings.end(), ending) !=
         kSourceEndings.end();
}

}  // namespace

std::string SourceFiles::line(const std::string& path, uint32_t number) {
  const auto [at, is_new] = files_.try_emplace(path);
  std::vector<std::string>& lines = at->second;
  if (is_new && is_source(path)) {
    try {
      const formats::RegularFile file(path);
      std::vector<uint8_t> bytes(
          std::min<uint64_t>(file.size_bytes(), kMaxSourceBytes));
      bytes.resize(file.read(0, bytes));
      std::string line;
      for (const uint8_t byte : bytes) {
        if (byte == '\n') {
          lines.push_back(std::move(line));
          line.clear();
        } else if (line.size() < kMaxSourceLine) {
          line += static_cast<char>(byte == '\t' ? ' ' : byte);
        }
      }
      lines.push_back(std::move(line));
    } catch (const std::exception&) {
      lines.clear();  // it vanished: the line's number is all there is
    }
  }
  if (number == 0 || number > lines.size()) return {};
  return escape_text(lines[number - 1]);
}

void Annotator::add(std::span<const HotBlock> blocks) {
  for (const HotBlock& block : blocks) {
    uint64_t ip = block.begin;
    std::array<uint8_t, kMaxInsnSize> bytes;
    for (uint32_t i = 0; i < block.ninsn; ++i) {
      const size_t there = code_.read(ip, bytes);
      const uint8_t size = insn_size({bytes.data(), there}, block.mode);
      counts_[ip] += block.count;
      if (size == 0) break;
      ip += size;
    }
    uint64_t& end = ran_[block.begin];
    end = std::max(end, ip);
  }
  for (const auto& [ip, count] : counts_) {
    const Where& place = where(ip);
    if (place.line != 0) files_[place.file].insert(place.line);
  }
}

const Annotator::Where& Annotator::where(uint64_t ip) {
  const auto [at, is_new] = where_.try_emplace(ip);
  if (!is_new) return at->second;
  const Place& place = names_.at(stream_, ip, 0);
  if (place.module == nullptr) return at->second;
  SourceFrame frame = names_.symbols(stream_, *place.module).line_at(ip);
  if (frame.line != 0) at->second = {std::move(frame.file), frame.line};
  return at->second;
}

void Annotator::add_source(uint64_t ip, std::string& last,
                           std::vector<CodeLine>& lines) {
  const Where& place = where(ip);
  if (place.line == 0) return;
  const std::string text = place.file + ":" + std::to_string(place.line);
  if (text == last) return;
  last = text;
  CodeLine line;
  line.source = text.substr(text.rfind('/') + 1) + "  " +
                sources_.line(place.file, place.line);
  lines.push_back(line);
}

CodeOfFunction Annotator::function(const FunctionPart& part, ExecMode mode) {
  CodeOfFunction code;
  code.function = part.function;
  std::string last;
  std::array<uint8_t, kMaxInsnSize> bytes;
  for (uint64_t ip = part.begin;
       ip < part.end && code.lines.size() < kMaxLines;) {
    const size_t there = code_.read(ip, bytes);
    if (there == 0) break;
    add_source(ip, last, code.lines);
    const InsnText text = disassembler_.at(ip, {bytes.data(), there}, mode);
    const auto count = counts_.find(ip);
    CodeLine line;
    line.address = ip;
    line.count = count == counts_.end() ? 0 : count->second;
    line.text = text.text;
    code.lines.push_back(line);
    ip += std::max<uint8_t>(text.size, 1);
  }
  return code;
}

std::map<std::string, ModuleCode> Annotator::modules() {
  std::map<std::string, ModuleCode> modules;
  std::set<const Module*> known;
  uint64_t done = 0;
  for (const auto& [begin, end] : ran_) {
    const uint64_t from = std::max(begin, done);
    done = std::max(done, end);
    const Module* module = names_.at(stream_, begin, 0).module;
    if (module == nullptr || from >= end) continue;
    ModuleCode& code = modules[escape_text(module->name)];
    const uint64_t bias = module->file_offset - module->address;
    code.ran.emplace_back(from + bias, end + bias);
    if (known.insert(module).second) code.all += module->size;
  }
  return modules;
}

}  // namespace ptcap::decode
