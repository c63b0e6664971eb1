// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What capture and decode need to know of an ELF file: what it is, what it
// loads where, its build-id, its sections. Through elfutils' libelf.
// Functions by name and address: formats/elf/function_table.h.

#ifndef PTCAP_FORMATS_ELF_ELF_FILE_H_
#define PTCAP_FORMATS_ELF_ELF_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/io/byte_reader.h"
#include "formats/io/regular_file.h"

struct Elf;  // libelf's

namespace ptcap::formats {

enum class ElfClass : uint8_t { k32, k64 };

// A PT_LOAD segment. What lies outside the file or wraps around the address
// space is cut off, so that sums of fields do not overflow.
struct ElfSegment {
  uint64_t address = 0;
  uint64_t memory_size = 0;
  uint64_t offset = 0;  // in the file
  uint64_t file_size = 0;
  bool readable = false;
  bool writable = false;
  bool executable = false;
};

struct ElfSection {
  size_t index = 0;
  std::string_view name;
  uint32_t type = 0;   // SHT_*
  uint64_t flags = 0;  // SHF_*
  uint64_t address = 0;
  uint64_t offset = 0;
  uint64_t size = 0;  // as the header says; section_data() checks
  uint32_t link = 0;
  uint64_t entry_size = 0;
};

// An ELF file on disk or in memory. Files are hostile until shown otherwise:
// sizes and counts that lie end in FormatError or in fewer results, never in
// a read out of bounds or in memory that the file itself does not back.
//
// Not thread-safe (libelf loads lazily); one object, one thread at a time.
class ElfFile {
 public:
  // Throws std::system_error (cannot be read, no regular file) or FormatError
  // (no ELF file); both name the file.
  explicit ElfFile(const std::string& path);
  // Borrows `bytes`: a whole ELF file, as the vDSO is. `name` is for messages.
  ElfFile(Bytes bytes, std::string name);
  ~ElfFile();
  ElfFile(ElfFile&&) noexcept;

  const std::string& name() const { return name_; }
  ElfClass elf_class() const { return class_; }
  uint16_t type() const { return type_; }        // ET_EXEC, ET_DYN...
  uint16_t machine() const { return machine_; }  // EM_386, EM_X86_64...
  uint64_t entry() const { return entry_; }
  uint64_t size_bytes() const;

  // In file order.
  std::span<const ElfSegment> segments() const { return segments_; }
  // Through the PT_LOAD segments; nullopt for what none of them loads from
  // the file. A file offset can be loaded twice: the executable one wins.
  std::optional<uint64_t> address_of_offset(uint64_t offset) const;
  std::optional<uint64_t> offset_of_address(uint64_t address) const;

  // NT_GNU_BUILD_ID, from the program headers or, as in separate debug files,
  // from the sections. Usually 20 bytes, never more than kMaxBuildIdSize.
  std::optional<std::vector<uint8_t>> build_id() const;
  static constexpr size_t kMaxBuildIdSize = 64;

  // PT_INTERP; nullopt for static programs and libraries.
  std::optional<std::string> interpreter() const;

  // In file order, without the null section. Names live as long as this.
  std::vector<ElfSection> sections() const;
  std::optional<ElfSection> section(std::string_view name) const;
  // The bytes in the file; empty if it has none (SHT_NOBITS) or they are not
  // all there. Valid as long as this object.
  Bytes section_data(const ElfSection& section) const;

  // Reads the file's bytes; less than out.size() only at its end.
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const;

  // For libdw. Stays owned by this object.
  Elf* handle() const { return elf_.get(); }

 private:
  struct ElfEnd {
    void operator()(Elf* elf) const;
  };

  ElfFile(std::optional<RegularFile> file, Bytes bytes, std::string name);
  void check_magic_and_counts() const;
  void read_header();
  void read_segments();
  std::optional<std::vector<uint8_t>> build_id_in(uint64_t offset,
                                                  uint64_t size,
                                                  uint64_t align) const;
  [[noreturn]] void fail(uint64_t offset, const std::string& what) const;

  std::string name_;
  std::optional<RegularFile> file_;  // else bytes_
  Bytes bytes_;
  std::unique_ptr<Elf, ElfEnd> elf_;
  ElfClass class_ = ElfClass::k64;
  uint16_t type_ = 0;
  uint16_t machine_ = 0;
  uint64_t entry_ = 0;
  std::vector<ElfSegment> segments_;
};

// "0f" for 0x0f, as build-ids are written.
std::string to_hex(Bytes bytes);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_ELF_ELF_FILE_H_
