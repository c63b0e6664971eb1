// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The types of the kernel that runs, as it describes them itself
// (Documentation/bpf/btf.rst).

#ifndef PTCAP_TESTS_BINDINGS_BTF_H_
#define PTCAP_TESTS_BINDINGS_BTF_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ptcap::bindings {

class Btf {
 public:
  struct Bits {
    uint64_t first = 0, count = 0;
    bool operator==(const Bits&) const = default;
  };

  // `bytes`: of /sys/kernel/btf/vmlinux. Throws std::out_of_range where they
  // are damaged.
  explicit Btf(const std::string& bytes);

  // Fields of a struct or union, those of unnamed members among them; empty
  // where there is none of the name.
  std::map<std::string, Bits> fields(const std::string& type) const;
  // Of a named enum.
  std::map<std::string, int64_t> enumerators(const std::string& type) const;
  // Of every enum.
  std::map<std::string, int64_t> all_enumerators() const;

 private:
  struct Type {
    uint32_t name, info, size_or_type;
    size_t at;  // what follows it
    uint32_t kind() const { return info >> 24 & 0x1f; }
    uint32_t count() const { return info & 0xffff; }
  };

  uint32_t word(size_t at) const;
  std::string text(uint32_t offset) const;
  uint64_t size_bits(uint32_t id) const;
  void add_fields(const Type& type, uint64_t base,
                  std::map<std::string, Bits>& fields) const;
  void add_enumerators(const Type& type,
                       std::map<std::string, int64_t>& found) const;

  const std::string& bytes_;
  size_t strings_ = 0;
  std::vector<Type> types_;  // by id
};

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_BTF_H_
