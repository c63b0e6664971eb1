// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/calls/function_map.h"

#include <algorithm>
#include <array>

#include "formats/io/hex.h"

namespace ptcap::decode {

namespace {

constexpr std::array<std::string_view, 6> kSetjmps = {
    "setjmp", "_setjmp", "__setjmp", "sigsetjmp", "__sigsetjmp", "getcontext"};

// "setjmp@plt", "_setjmp"...
bool is_setjmp(std::string_view name) {
  if (name.ends_with("@plt")) name.remove_suffix(4);
  return std::find(kSetjmps.begin(), kSetjmps.end(), name) != kSetjmps.end();
}

// Without ".3" at the end.
std::string_view without_number(std::string_view name) {
  std::string_view rest = name;
  while (!rest.empty() && rest.back() >= '0' && rest.back() <= '9') {
    rest.remove_suffix(1);
  }
  if (rest.size() == name.size() || !rest.ends_with('.')) return name;
  return rest.substr(0, rest.size() - 1);
}

}  // namespace

std::string_view parent_of_cold(std::string_view name) {
  constexpr std::string_view kCold = ".cold";
  constexpr std::string_view kClone = " [clone ";
  bool clone = false;
  if (name.ends_with(']')) {  // as demanglers show it
    name.remove_suffix(1);
    clone = true;
  }
  name = without_number(name);
  if (!name.ends_with(kCold)) return {};
  name.remove_suffix(kCold.size());
  if (!clone) return name;
  if (!name.ends_with(kClone)) return {};
  return name.substr(0, name.size() - kClone.size());
}

const Function& SeenFunctions::intern(std::string_view module,
                                      std::string_view name) {
  const auto [at, is_new] = by_name_.try_emplace(
      std::string(module) + '\0' + std::string(name), nullptr);
  if (!is_new) return *at->second;
  Function& function = functions_.emplace_back();
  function.id = static_cast<uint32_t>(functions_.size() - 1);
  function.module = module;
  function.name = name;
  function.plt_stub = name.ends_with("@plt");
  function.setjmp = is_setjmp(name);
  function.program_entry = name == "_start";
  at->second = &function;
  return function;
}

const StreamFunctions::Slot& StreamFunctions::slot_of(const Place& place) {
  // Names come from one table a module: the address says which.
  const char* name = place.function.data();
  const auto hash = reinterpret_cast<uintptr_t>(name) >> 4 ^
                    reinterpret_cast<uintptr_t>(place.module) >> 6;
  Slot& slot = slots_[hash % kSlots];
  if (slot.function != nullptr && slot.name == name &&
      slot.module == place.module) {
    return slot;
  }
  const std::string_view parent = parent_of_cold(place.function);
  slot.name = name;
  slot.module = place.module;
  slot.cold = !parent.empty();
  slot.function =
      &table_.intern(place.module_name(), slot.cold ? parent : place.function);
  return slot;
}

FunctionPart StreamFunctions::at(uint64_t ip, uint64_t time_ns) {
  const Place& place = names_.at(stream_, ip, time_ns);
  if (place.function.empty() && place.module != nullptr) {
    return unnamed_at(ip, place);
  }
  const Slot& slot = slot_of(place);
  FunctionPart part;
  part.function = slot.function;
  part.cold = slot.cold;
  part.known = !place.function.empty();
  part.begin = part.known ? place.function_begin : ip;
  part.end = part.known ? place.function_end : ip + 1;
  return part;
}

// A function that only the unwind tables know is named by its address in the
// file.
FunctionPart StreamFunctions::unnamed_at(uint64_t ip, const Place& place) {
  FunctionPart part;
  part.begin = ip;
  part.end = ip + 1;
  const MappedSymbols& symbols = names_.symbols(stream_, *place.module);
  const auto range = symbols.unnamed_function_at(ip);
  const auto address =
      range ? symbols.file_address(range->begin) : std::optional<uint64_t>();
  if (!address) {
    part.function = &table_.intern(place.module_name(), "");
    return part;
  }
  part.function =
      &table_.intern(place.module_name(), "0x" + formats::hex(*address));
  part.begin = range->begin;
  part.end = range->end;
  part.known = true;
  return part;
}

std::optional<uint64_t> StreamFunctions::landing_pad(uint64_t return_to,
                                                     uint64_t time_ns) {
  const Place& place = names_.at(stream_, return_to - 1, time_ns);
  if (place.module == nullptr) return std::nullopt;
  return names_.symbols(stream_, *place.module).landing_pad(return_to);
}

}  // namespace ptcap::decode
