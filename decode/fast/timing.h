// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A trace without the packets that only tell of time. A CYC before every other
// packet hardly ever has the same value again, so that no chunk with it would
// be of use a second time; without it the flow repeats as ever.

#ifndef PTCAP_DECODE_FAST_TIMING_H_
#define PTCAP_DECODE_FAST_TIMING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ptcap::decode::fast {

// Of a CYC: 61 bits of value. libipt refuses longer ones.
inline constexpr unsigned kMaxCycBytes = 9;

// Whether the trace has so many CYC or MTC that it is worth it, judged by its
// beginning; nullopt if that is too short to tell.
std::optional<bool> has_much_timing(std::span<const uint8_t> trace);

// What is left of a trace without TSC, TMA, MTC and CYC. Between two PSBs where
// a packet is unknown or cut short everything is left as it is, so that who
// reads it finds the same damage.
class StrippedTrace {
 public:
  // So many cycles were counted when what is behind `offset` of the stripped
  // bytes ran.
  struct Mark {
    uint64_t offset;
    uint64_t cycles;
  };

  // From its first PSB on. Keeps its memory. `with_marks`: of CYC packets.
  void assign(std::span<const uint8_t> trace, bool with_marks);

  std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }
  std::span<const Mark> marks() const { return {marks_.data(), marks_size_}; }

  // From an offset in bytes() to that in the trace: exact for those of PSBs,
  // otherwise that of the last PSB in front of it.
  uint64_t original(uint64_t offset) const;
  // The other way, for offsets of PSBs.
  uint64_t stripped(uint64_t original) const;

 private:
  // From a PSB up to the next one.
  struct Part {
    uint64_t stripped;
    uint64_t original;
    bool raw;  // left as it is
  };

  bool strip(std::span<const uint8_t> part, bool with_marks);
  void mark(uint64_t cycles);

  std::vector<uint8_t> bytes_;
  size_t size_ = 0;
  std::vector<Mark> marks_;
  size_t marks_size_ = 0;
  std::vector<Part> parts_;
  uint64_t cycles_ = 0;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_TIMING_H_
