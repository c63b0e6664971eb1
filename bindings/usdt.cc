// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation

#include "bindings/usdt.h"

#include <elf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace ptcap::bindings {

namespace {

using File = std::span<const uint8_t>;

constexpr uint32_t kStapsdtType = 3;  // NT_STAPSDT
constexpr std::string_view kStapsdtName = "stapsdt";
constexpr std::string_view kSection = ".note.stapsdt";
constexpr std::string_view kBaseSection = ".stapsdt.base";

struct Elf32 {
  using Ehdr = Elf32_Ehdr;
  using Shdr = Elf32_Shdr;
  using Phdr = Elf32_Phdr;
  using Address = uint32_t;
};
struct Elf64 {
  using Ehdr = Elf64_Ehdr;
  using Shdr = Elf64_Shdr;
  using Phdr = Elf64_Phdr;
  using Address = uint64_t;
};

File slice(File file, uint64_t offset, uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return {};
  return file.subspan(offset, size);
}

template <typename T>
std::optional<T> read_at(File file, uint64_t offset) {
  File bytes = slice(file, offset, sizeof(T));
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

std::string_view string_at(File file, uint64_t offset) {
  if (offset >= file.size()) return {};
  const char* text = reinterpret_cast<const char*>(file.data() + offset);
  return {text, strnlen(text, file.size() - offset)};
}

// Splits off a string that ends with its NUL.
std::string take_string(File& bytes) {
  std::string text(string_at(bytes, 0));
  bytes = bytes.subspan(std::min(bytes.size(), text.size() + 1));
  return text;
}

template <typename Elf>
class NoteReader {
 public:
  using Address = typename Elf::Address;

  explicit NoteReader(File file) : file_(file) {
    header_ =
        read_at<typename Elf::Ehdr>(file, 0).value_or(typename Elf::Ehdr());
  }

  std::vector<UsdtProbe> read() {
    auto notes = section(kSection);
    if (!notes) return {};
    if (auto base = section(kBaseSection)) base_ = base->sh_addr;
    File bytes = slice(file_, notes->sh_offset, notes->sh_size);
    while (auto note = read_at<Elf64_Nhdr>(bytes, 0)) {
      uint64_t name_size = aligned(note->n_namesz);
      uint64_t size = sizeof(*note) + name_size + aligned(note->n_descsz);
      File whole = slice(bytes, 0, size);
      if (whole.empty()) break;
      if (note->n_type == kStapsdtType &&
          string_at(whole, sizeof(*note)) == kStapsdtName)
        add_probe(slice(whole, sizeof(*note) + name_size, note->n_descsz));
      bytes = bytes.subspan(size);
    }
    return std::move(probes_);
  }

 private:
  static uint64_t aligned(uint64_t size) { return (size + 3) & ~uint64_t{3}; }

  std::optional<typename Elf::Shdr> section_at(uint64_t index) {
    return read_at<typename Elf::Shdr>(
        file_, header_.e_shoff + index * header_.e_shentsize);
  }

  std::optional<typename Elf::Shdr> section(std::string_view name) {
    auto names = section_at(header_.e_shstrndx);
    if (!names) return std::nullopt;
    for (uint64_t i = 0; i < header_.e_shnum; ++i) {
      auto found = section_at(i);
      if (found && string_at(file_, names->sh_offset + found->sh_name) == name)
        return found;
    }
    return std::nullopt;
  }

  // Addresses of the file's loaded segments; 0 for those outside.
  uint64_t file_offset(uint64_t address) {
    for (uint64_t i = 0; i < header_.e_phnum; ++i) {
      auto segment = read_at<typename Elf::Phdr>(
          file_, header_.e_phoff + i * header_.e_phentsize);
      if (segment && segment->p_type == PT_LOAD &&
          address - segment->p_vaddr < segment->p_filesz)
        return address - segment->p_vaddr + segment->p_offset;
    }
    return 0;
  }

  // pc, base, semaphore, then three strings.
  void add_probe(File description) {
    auto pc = read_at<Address>(description, 0);
    auto base = read_at<Address>(description, sizeof(Address));
    auto semaphore = read_at<Address>(description, 2 * sizeof(Address));
    if (!pc || !base || !semaphore) return;
    // Prelink moves the section but not the note.
    Address moved = base_ ? static_cast<Address>(base_ - *base) : 0;
    description = description.subspan(3 * sizeof(Address));
    UsdtProbe probe;
    probe.provider = take_string(description);
    probe.name = take_string(description);
    probe.arguments = take_string(description);
    probe.file_offset = file_offset(static_cast<Address>(*pc + moved));
    if (*semaphore)
      probe.semaphore_offset =
          file_offset(static_cast<Address>(*semaphore + moved));
    if (probe.file_offset) probes_.push_back(std::move(probe));
  }

  File file_;
  typename Elf::Ehdr header_;
  uint64_t base_ = 0;
  std::vector<UsdtProbe> probes_;
};

}  // namespace

std::vector<UsdtProbe> parse_usdt_probes(File file) {
  if (file.size() < EI_NIDENT || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
    return {};
  return file[EI_CLASS] == ELFCLASS64 ? NoteReader<Elf64>(file).read()
                                      : NoteReader<Elf32>(file).read();
}

std::vector<UsdtProbe> read_usdt_probes(const std::string& path,
                                        Kernel& kernel) {
  auto text = kernel.read_file(path);
  if (!text)
    throw std::system_error(errno, std::generic_category(),
                            "open(" + path + ")");
  return parse_usdt_probes(
      {reinterpret_cast<const uint8_t*>(text->data()), text->size()});
}

std::vector<EventAttr> usdt_events(const std::string& path,
                                   std::string_view provider,
                                   std::string_view name, Kernel& kernel) {
  std::vector<EventAttr> events;
  std::string known;
  for (const UsdtProbe& probe : read_usdt_probes(path, kernel)) {
    std::string full = probe.provider + ':' + probe.name;
    known += (known.empty() ? "" : ", ") + full;
    if (probe.provider == provider && probe.name == name)
      events.push_back(EventAttr::usdt(path, probe.file_offset,
                                       probe.semaphore_offset, kernel)
                           .named("sdt_" + full));
  }
  if (events.empty())
    throw std::invalid_argument(
        path + " has no probe " + std::string(provider) + ':' +
        std::string(name) + "; it has: " + (known.empty() ? "none" : known));
  return events;
}

}  // namespace ptcap::bindings
