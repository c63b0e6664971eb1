// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which function an address belongs to, as the call stack needs it.

#ifndef PTCAP_DECODE_CALLS_FUNCTION_MAP_H_
#define PTCAP_DECODE_CALLS_FUNCTION_MAP_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "decode/names.h"
#include "decode/trace.h"

namespace ptcap::decode {

// One for each name in a module, wherever and in whichever process it is
// mapped; lives as long as the map. The part that a compiler moved away as
// cold ("f.cold") is the function itself.
struct Function {
  uint32_t id = 0;  // 0, 1, 2, ... in order of appearance
  std::string module;
  std::string name;  // "" where no symbol is, "0x1234" of unwind tables
  bool plt_stub = false;
  bool setjmp = false;         // returns once more when somebody jumps back
  bool program_entry = false;  // where a new program begins
};

// A part of a function without holes.
struct FunctionPart {
  const Function* function = nullptr;
  uint64_t begin = 0;
  uint64_t end = 0;
  bool cold = false;
  bool known = false;  // begin and end are those of a function

  bool holds(uint64_t ip) const { return ip >= begin && ip < end; }
  bool begins_at(uint64_t ip) const { return known && !cold && ip == begin; }
};

class FunctionMap {
 public:
  virtual ~FunctionMap() = default;

  // At that time; per stream, times do not go back.
  virtual FunctionPart at(uint64_t ip, uint64_t time_ns) = 0;

  // Where an exception that leaves the call which returns to `return_to`
  // lands; 0: nowhere. nullopt: not known.
  virtual std::optional<uint64_t> landing_pad(uint64_t return_to,
                                              uint64_t time_ns) = 0;
};

// All functions that were seen. Not thread-safe.
class SeenFunctions {
 public:
  const Function& intern(std::string_view module, std::string_view name);
  const std::deque<Function>& functions() const { return functions_; }

 private:
  std::deque<Function> functions_;
  std::unordered_map<std::string, const Function*> by_name_;
};

// The functions of a stream by the symbols of its modules. Borrows all.
class StreamFunctions : public FunctionMap {
 public:
  StreamFunctions(Names& names, const TraceStream& stream, SeenFunctions& table)
      : names_(names), stream_(stream), table_(table) {}

  FunctionPart at(uint64_t ip, uint64_t time_ns) override;
  std::optional<uint64_t> landing_pad(uint64_t return_to,
                                      uint64_t time_ns) override;

 private:
  struct Slot {
    const char* name = nullptr;
    const Module* module = nullptr;
    const Function* function = nullptr;
    bool cold = false;
  };
  static constexpr size_t kSlots = 1024;

  const Slot& slot_of(const Place& place);
  FunctionPart unnamed_at(uint64_t ip, const Place& place);

  Names& names_;
  const TraceStream& stream_;
  SeenFunctions& table_;
  Slot slots_[kSlots];
};

// The function that `name` is the cold part of: "f.cold", "f.cold.3",
// "g(int) [clone .cold]". Empty if it is none.
std::string_view parent_of_cold(std::string_view name);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CALLS_FUNCTION_MAP_H_
