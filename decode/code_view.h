// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The code bytes of one address space at one moment.

#ifndef PTCAP_DECODE_CODE_VIEW_H_
#define PTCAP_DECODE_CODE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ptcap::decode {

// `bytes` stand at `address`.
struct CodeRange {
  uint64_t address = 0;
  std::span<const uint8_t> bytes;
};

// Sorted ranges without overlap. Borrows the bytes; immutable once shared.
class CodeView {
 public:
  // Adds a range; what it overlaps is cut away from what was there before.
  void add(CodeRange range);

  // The range that holds `ip`, or nullptr. Valid until the next add().
  const CodeRange* find(uint64_t ip) const;

  // Copies up to out.size() bytes from `ip` on, across adjacent ranges;
  // returns how many there were.
  size_t read(uint64_t ip, std::span<uint8_t> out) const;

  // Whether exactly these bytes stand there already.
  bool holds(const CodeRange& range) const;
  // Whether anything stands in the range.
  bool overlaps(const CodeRange& range) const;

  std::span<const CodeRange> ranges() const { return ranges_; }

 private:
  std::vector<CodeRange> ranges_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CODE_VIEW_H_
