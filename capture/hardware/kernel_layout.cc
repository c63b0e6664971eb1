// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/kernel_layout.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>

#include "capture/error.h"
#include "formats/io/byte_reader.h"
#include "formats/io/error.h"

namespace ptcap::capture {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kLastFunction = 16 << 10;  // at most, of a module
constexpr const char* kKernelText = "[kernel.kallsyms]_text";  // as perf has it

bool is_code(char type) {
  return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

// As if it were a module's; text of these is here and there.
bool is_generated(const std::string& module) {
  return module == "[bpf]" || module.starts_with("[__builtin__");
}

struct Found {
  KernelRange kernel;  // begin and end as they were found
  std::map<std::string, KernelRange> modules;
  std::vector<KernelRange> generated;  // a symbol each
};

void add_symbol(Found& found, uint64_t address, const std::string& name,
                const std::string& module) {
  if (module.empty()) {
    if (name == "_stext") found.kernel.begin = address;
    if (name == "_etext") found.kernel.end = address;
    return;
  }
  if (is_generated(module)) {
    found.generated.push_back({address, address + kPage, module});
    return;
  }
  KernelRange& range =
      found.modules.emplace(module, KernelRange{address, address, module})
          .first->second;
  range.begin = std::min(range.begin, address);
  range.end = std::max(range.end, address);
}

uint64_t page_begin(uint64_t address) { return address & ~(kPage - 1); }

std::string lockdown() {
  std::ifstream file("/sys/kernel/security/lockdown");
  std::string modes;
  std::getline(file, modes);
  const size_t begin = modes.find('[');
  const size_t end = modes.find(']');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return modes.substr(begin + 1, end - begin - 1);
}

std::string kcore_advice(int error) {
  if (error == ENOENT) return "this kernel has none (CONFIG_PROC_KCORE)";
  const std::string mode = lockdown();
  if (error == EPERM && !mode.empty() && mode != "none") {
    return "the kernel is locked down (" + mode +
           "): without it is booted with lockdown=none, or without Secure Boot";
  }
  return "only root may read it (CAP_SYS_RAWIO)";
}

template <typename T>
T read_at(const formats::UniqueFd& file, uint64_t offset) {
  T value = {};
  const ssize_t got =
      ::pread(file.get(), &value, sizeof value, static_cast<off_t>(offset));
  return got == sizeof value ? value : T{};
}

}  // namespace

std::vector<KernelRange> read_kernel_ranges(std::istream& kallsyms) {
  Found found;
  std::string line;
  while (std::getline(kallsyms, line)) {
    std::istringstream words(line);
    uint64_t address = 0;
    char type = 0;
    std::string name, module;
    words >> std::hex >> address >> type >> name >> module;
    if (address == 0 || !is_code(type)) continue;
    add_symbol(found, address, name, module);
  }
  std::vector<KernelRange> ranges;
  if (found.kernel.begin < found.kernel.end) {
    found.kernel.name = kKernelText;
    ranges.push_back(found.kernel);
  }
  for (const auto& [name, range] : found.modules) {
    ranges.push_back(
        {page_begin(range.begin), page_begin(range.end + kLastFunction), name});
  }
  for (const KernelRange& range : found.generated) ranges.push_back(range);
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  for (size_t i = 1; i < ranges.size(); ++i) {
    ranges[i - 1].end = std::min(ranges[i - 1].end, ranges[i].begin);
  }
  std::erase_if(ranges,
                [](const auto& range) { return range.begin >= range.end; });
  return ranges;
}

Kcore::Kcore(const std::string& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (!file_) {
    const int error = errno;
    throw CaptureError(system_message("open " + path, error) + "\n  " +
                       kcore_advice(error));
  }
  const auto header = read_at<Elf64_Ehdr>(file_, 0);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(
        file_, header.e_phoff + uint64_t{i} * header.e_phentsize);
    if (segment.p_type != PT_LOAD) continue;
    segments_.push_back({segment.p_vaddr, segment.p_memsz, segment.p_offset});
  }
}

std::vector<uint8_t> Kcore::read(uint64_t address, uint64_t size) const {
  std::vector<uint8_t> bytes;
  for (const Segment& segment : segments_) {
    if (address - segment.address >= segment.size) continue;
    const uint64_t in_segment = address - segment.address;
    bytes.resize(std::min(size, segment.size - in_segment));
    uint64_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got =
          ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                  static_cast<off_t>(segment.offset + in_segment + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<uint64_t>(got);
    }
    bytes.resize(done);
    break;
  }
  return bytes;
}

std::vector<uint8_t> build_id_in_notes(const std::vector<uint8_t>& notes) {
  constexpr uint64_t kAlign = 4;
  const auto padded = [](uint64_t size) {
    return (size + kAlign - 1) & ~(kAlign - 1);
  };
  formats::ByteReader reader(notes);
  try {
    while (!reader.empty()) {
      const uint32_t name_size = reader.u32();
      const uint32_t size = reader.u32();
      const uint32_t type = reader.u32();
      const formats::Bytes name = reader.take(padded(name_size));
      const formats::Bytes content = reader.take(padded(size));
      const bool gnu = name_size == 4 && name[0] == 'G' && name[1] == 'N' &&
                       name[2] == 'U' && name[3] == 0;
      if (!gnu || type != NT_GNU_BUILD_ID) continue;
      return {content.begin(), content.begin() + size};
    }
  } catch (const formats::FormatError&) {
    // Cut short: there is none.
  }
  return {};
}

}  // namespace ptcap::capture
