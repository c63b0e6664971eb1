// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What every enum of the perf ABI can do: names, parsing, versions, flags.

#ifndef PTCAP_BINDINGS_ABI_ENUM_TABLE_H_
#define PTCAP_BINDINGS_ABI_ENUM_TABLE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace ptcap::abi {

struct KernelVersion {
  uint16_t major = 0, minor = 0, patch = 0;
  // clang-tidy 14 takes the 0 of <=> for a pointer. NOLINTNEXTLINE
  auto operator<=>(const KernelVersion&) const = default;
};

inline std::string to_string(KernelVersion version) {
  std::string text =
      std::to_string(version.major) + "." + std::to_string(version.minor);
  if (version.patch) text += "." + std::to_string(version.patch);
  return text;
}

template <typename E>
struct EnumEntry {
  E value;
  std::string_view name;  // the kernel's, in full: "PERF_RECORD_MMAP2"
  KernelVersion since;    // the first Linux that has it
};

// Each enum specializes this; ordered by value.
template <typename E>
inline constexpr EnumEntry<E> kEnumTable[1] = {};

// Whether values are sets of bits, with | & ~ and has().
template <typename E>
inline constexpr bool kIsFlags = false;

template <typename E>
constexpr std::span<const EnumEntry<E>> entries() {
  return kEnumTable<E>;
}

// The entry of exactly this value, or nullptr. Of several names for one
// value, the first.
template <typename E>
constexpr const EnumEntry<E>* find_entry(E value) {
  for (const auto& entry : entries<E>())
    if (entry.value == value) return &entry;
  return nullptr;
}

// The kernel's name of the constant; empty for a value without name.
template <typename E>
constexpr std::string_view name(E value) {
  const EnumEntry<E>* entry = find_entry(value);
  return entry ? entry->name : std::string_view();
}

// The first kernel that knows the value; nullopt for a value without name.
template <typename E>
constexpr std::optional<KernelVersion> since(E value) {
  const EnumEntry<E>* entry = find_entry(value);
  if (!entry) return std::nullopt;
  return entry->since;
}

namespace internal {

constexpr bool same_letter(char a, char b) {
  auto fold = [](char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '-' ? '_' : c;
  };
  return fold(a) == fold(b);
}

constexpr bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!same_letter(a[i], b[i])) return false;
  return true;
}

// What all names of the enum have in common, up to an underscore.
template <typename E>
constexpr size_t common_prefix() {
  auto table = entries<E>();
  std::string_view first = table.front().name;
  size_t size = first.size();
  for (const auto& entry : table) {
    size_t i = 0;
    while (i < size && i < entry.name.size() && entry.name[i] == first[i]) ++i;
    size = i;
  }
  while (size && first[size - 1] != '_') --size;
  return size;
}

}  // namespace internal

// The value that is named `text`: the kernel's name, or that without the
// prefix that the enum's names share. Case is ignored, '-' stands for '_':
// "PERF_COUNT_SW_PAGE_FAULTS", "page-faults".
template <typename E>
constexpr std::optional<E> parse(std::string_view text) {
  constexpr size_t prefix = internal::common_prefix<E>();
  for (const auto& entry : entries<E>()) {
    if (internal::same_text(entry.name, text) ||
        internal::same_text(entry.name.substr(prefix), text))
      return entry.value;
  }
  return std::nullopt;
}

template <typename E>
constexpr auto bits(E value) {
  return static_cast<std::underlying_type_t<E>>(value);
}

template <typename E>
concept Flags = kIsFlags<E>;

template <Flags E>
constexpr E operator|(E a, E b) {
  return static_cast<E>(bits(a) | bits(b));
}
template <Flags E>
constexpr E operator&(E a, E b) {
  return static_cast<E>(bits(a) & bits(b));
}
template <Flags E>
constexpr E operator~(E a) {
  return static_cast<E>(~bits(a));
}
template <Flags E>
constexpr E& operator|=(E& a, E b) {
  return a = a | b;
}

// Whether `set` (a field of a kernel struct) holds all bits of `flag`.
template <Flags E>
constexpr bool has(uint64_t set, E flag) {
  return (set & bits(flag)) == bits(flag);
}
template <Flags E>
constexpr bool has(E set, E flag) {
  return (set & flag) == flag;
}

// "PERF_SAMPLE_IP|PERF_SAMPLE_TID|0x8000000000000000": named bits, then what
// is left. "0" for none.
template <Flags E>
std::string flag_names(uint64_t set) {
  std::string text;
  auto append = [&](std::string_view part) {
    if (!text.empty()) text += '|';
    text += part;
  };
  for (const auto& entry : entries<E>()) {
    if (!bits(entry.value) || !has(set, entry.value)) continue;
    append(entry.name);
    set &= ~static_cast<uint64_t>(bits(entry.value));
  }
  if (set) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (; set; set >>= 4) hex.insert(hex.begin(), kDigits[set & 15]);
    append("0x" + hex);
  }
  return text.empty() ? "0" : text;
}

}  // namespace ptcap::abi

#endif  // PTCAP_BINDINGS_ABI_ENUM_TABLE_H_
