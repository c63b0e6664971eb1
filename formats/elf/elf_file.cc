// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/elf/elf_file.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <utility>

#include "formats/io/error.h"

namespace ptcap::formats {
namespace {

// Real files have about ten; the kernel itself stops at 64 KiB of headers.
constexpr size_t kMaxProgramHeaders = 65536;
// libelf allocates 200 bytes for each that section 0 claims to be there.
constexpr uint64_t kMaxSections = 1 << 20;
// Real note segments are below 1 KiB, except in core files.
constexpr uint64_t kMaxNoteBytes = 1 << 20;
constexpr uint64_t kMaxInterpreterBytes = 4096;  // PATH_MAX
// The .debug_info of a browser has 3 GiB; libelf allocates what it reads.
constexpr uint64_t kMaxSectionBytes = uint64_t{4} << 30;

Elf* open_elf(const std::optional<RegularFile>& file, Bytes bytes) {
  if (elf_version(EV_CURRENT) == EV_NONE) return nullptr;
  // Not ELF_C_READ_MMAP: a file that shrinks under a mapping is a SIGBUS.
  if (file) return elf_begin(file->fd(), ELF_C_READ, nullptr);
  // libelf writes only in elf_update(), which is never called.
  return elf_memory(
      const_cast<char*>(reinterpret_cast<const char*>(bytes.data())),
      bytes.size());
}

// Where e_shnum does not suffice, section 0's size is the number of sections.
template <typename Ehdr, typename Shdr>
uint64_t extended_section_count(const ElfFile& elf) {
  Ehdr header{};
  Shdr section{};
  auto read = [&elf](uint64_t offset, auto& out) {
    std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(&out), sizeof(out));
    return elf.read(offset, bytes) == sizeof(out);
  };
  if (!read(0, header) || header.e_shnum != 0 || header.e_shoff == 0) return 0;
  return read(header.e_shoff, section) ? section.sh_size : 0;
}

ElfSegment make_segment(const GElf_Phdr& header, uint64_t file_size) {
  ElfSegment segment;
  segment.address = header.p_vaddr;
  segment.memory_size = std::min(header.p_memsz, ~header.p_vaddr);
  segment.offset = std::min(header.p_offset, file_size);
  segment.file_size = std::min(
      {header.p_filesz, file_size - segment.offset, segment.memory_size});
  segment.readable = header.p_flags & PF_R;
  segment.writable = header.p_flags & PF_W;
  segment.executable = header.p_flags & PF_X;
  return segment;
}

}  // namespace

void ElfFile::ElfEnd::operator()(Elf* elf) const { elf_end(elf); }

ElfFile::ElfFile(const std::string& path)
    : ElfFile(RegularFile(path), Bytes{}, path) {}

ElfFile::ElfFile(Bytes bytes, std::string name)
    : ElfFile(std::nullopt, bytes, std::move(name)) {}

ElfFile::ElfFile(std::optional<RegularFile> file, Bytes bytes, std::string name)
    : name_(std::move(name)), file_(std::move(file)), bytes_(bytes) {
  check_magic_and_counts();
  elf_.reset(open_elf(file_, bytes_));
  if (!elf_ || elf_kind(elf_.get()) != ELF_K_ELF) fail(0, "not an ELF file");
  read_header();
  read_segments();
}

ElfFile::~ElfFile() = default;
ElfFile::ElfFile(ElfFile&&) noexcept = default;

uint64_t ElfFile::size_bytes() const {
  return file_ ? file_->size_bytes() : bytes_.size();
}

void ElfFile::fail(uint64_t offset, const std::string& what) const {
  throw FormatError(offset, name_ + ": " + what);
}

// Before libelf sees the file, because it allocates by what counts claim.
void ElfFile::check_magic_and_counts() const {
  uint8_t ident[EI_NIDENT] = {};
  if (read(0, ident) != sizeof(ident) ||
      std::memcmp(ident, ELFMAG, SELFMAG) != 0)
    fail(0, "not an ELF file");
  if (ident[EI_DATA] != ELFDATA2LSB) fail(EI_DATA, "not little-endian");
  uint64_t count = ident[EI_CLASS] == ELFCLASS32
                       ? extended_section_count<Elf32_Ehdr, Elf32_Shdr>(*this)
                       : extended_section_count<Elf64_Ehdr, Elf64_Shdr>(*this);
  if (count > kMaxSections) fail(0, "too many sections");
}

void ElfFile::read_header() {
  GElf_Ehdr header;
  if (!gelf_getehdr(elf_.get(), &header)) fail(0, "bad ELF header");
  class_ =
      gelf_getclass(elf_.get()) == ELFCLASS32 ? ElfClass::k32 : ElfClass::k64;
  type_ = header.e_type;
  machine_ = header.e_machine;
  entry_ = header.e_entry;
}

void ElfFile::read_segments() {
  size_t count = 0;
  if (elf_getphdrnum(elf_.get(), &count) != 0) fail(0, "bad program headers");
  if (count > kMaxProgramHeaders) fail(0, "too many program headers");
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf_.get(), static_cast<int>(i), &header)) break;
    if (header.p_type != PT_LOAD) continue;
    segments_.push_back(make_segment(header, size_bytes()));
  }
}

std::optional<uint64_t> ElfFile::address_of_offset(uint64_t offset) const {
  std::optional<uint64_t> address;
  for (const ElfSegment& segment : segments_) {
    if (offset < segment.offset) continue;
    uint64_t delta = offset - segment.offset;
    if (delta >= segment.file_size) continue;
    if (!address || segment.executable) address = segment.address + delta;
  }
  return address;
}

std::optional<uint64_t> ElfFile::offset_of_address(uint64_t address) const {
  for (const ElfSegment& segment : segments_) {
    if (address < segment.address) continue;
    uint64_t delta = address - segment.address;
    if (delta < segment.file_size) return segment.offset + delta;
  }
  return std::nullopt;
}

std::optional<std::vector<uint8_t>> ElfFile::build_id_in(uint64_t offset,
                                                         uint64_t size,
                                                         uint64_t align) const {
  if (size > kMaxNoteBytes || offset > size_bytes()) return std::nullopt;
  Elf_Data* data =
      elf_getdata_rawchunk(elf_.get(), static_cast<int64_t>(offset), size,
                           align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
  if (!data || !data->d_buf) return std::nullopt;
  GElf_Nhdr note;
  size_t name_at, desc_at, next;
  for (size_t at = 0;
       (next = gelf_getnote(data, at, &note, &name_at, &desc_at)) > 0;
       at = next) {
    const auto* bytes = static_cast<const uint8_t*>(data->d_buf);
    if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
        std::memcmp(bytes + name_at, "GNU", sizeof("GNU")) != 0)
      continue;
    if (note.n_descsz == 0 || note.n_descsz > kMaxBuildIdSize) continue;
    return std::vector<uint8_t>(bytes + desc_at,
                                bytes + desc_at + note.n_descsz);
  }
  return std::nullopt;
}

std::optional<std::vector<uint8_t>> ElfFile::build_id() const {
  size_t count = 0;
  elf_getphdrnum(elf_.get(), &count);
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf_.get(), static_cast<int>(i), &header)) break;
    if (header.p_type != PT_NOTE) continue;
    if (auto id = build_id_in(header.p_offset, header.p_filesz, header.p_align))
      return id;
  }
  for (const ElfSection& section : sections()) {
    if (section.type != SHT_NOTE) continue;
    if (auto id = build_id_in(section.offset, section.size, 4)) return id;
  }
  return std::nullopt;
}

std::optional<std::string> ElfFile::interpreter() const {
  size_t count = 0;
  elf_getphdrnum(elf_.get(), &count);
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf_.get(), static_cast<int>(i), &header)) break;
    if (header.p_type != PT_INTERP) continue;
    std::string path(std::min(header.p_filesz, kMaxInterpreterBytes), '\0');
    path.resize(read(header.p_offset,
                     {reinterpret_cast<uint8_t*>(path.data()), path.size()}));
    path.resize(std::min(path.size(), path.find('\0')));
    return path;
  }
  return std::nullopt;
}

std::vector<ElfSection> ElfFile::sections() const {
  std::vector<ElfSection> found;
  size_t names = 0;
  if (elf_getshdrstrndx(elf_.get(), &names) != 0) return found;
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf_.get(), scn));) {
    GElf_Shdr header;
    if (!gelf_getshdr(scn, &header)) break;
    const char* name = elf_strptr(elf_.get(), names, header.sh_name);
    found.push_back({.index = elf_ndxscn(scn),
                     .name = name ? name : "",
                     .type = header.sh_type,
                     .flags = header.sh_flags,
                     .address = header.sh_addr,
                     .offset = header.sh_offset,
                     .size = header.sh_size,
                     .link = header.sh_link,
                     .entry_size = header.sh_entsize});
  }
  return found;
}

std::optional<ElfSection> ElfFile::section(std::string_view name) const {
  for (const ElfSection& section : sections())
    if (section.name == name) return section;
  return std::nullopt;
}

Bytes ElfFile::section_data(const ElfSection& section) const {
  if (section.type == SHT_NOBITS || section.size > kMaxSectionBytes) return {};
  Elf_Scn* scn = elf_getscn(elf_.get(), section.index);
  Elf_Data* data = scn ? elf_rawdata(scn, nullptr) : nullptr;
  if (!data || !data->d_buf) return {};
  return {static_cast<const uint8_t*>(data->d_buf), data->d_size};
}

uint64_t ElfFile::read(uint64_t offset, std::span<uint8_t> out) const {
  if (file_) return file_->read(offset, out);
  if (offset >= bytes_.size()) return 0;
  Bytes part = bytes_.subspan(offset);
  size_t size = std::min(out.size(), part.size());
  std::copy_n(part.begin(), size, out.begin());
  return size;
}

std::string to_hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace ptcap::formats
