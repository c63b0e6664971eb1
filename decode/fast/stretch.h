// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The stretches of a stream that the fast engine hands to libipt: each is what
// is between two PSBs, so that it does not depend on what came before it, as
// nothing does when segments are decoded in parallel.

#ifndef PTCAP_DECODE_FAST_STRETCH_H_
#define PTCAP_DECODE_FAST_STRETCH_H_

#include <cstdint>
#include <memory>
#include <span>

#include "decode/code_view.h"
#include "decode/flow.h"
#include "decode/image_store.h"
#include "decode/libipt/section_cache.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// Whole stream bytes in memory, as a flow engine wants them. Borrows them.
class SpanAux : public AuxBytes {
 public:
  explicit SpanAux(std::span<const uint8_t> bytes) : bytes_(bytes) {
    piece_.size = bytes.size();
  }
  std::span<const formats::AuxPiece> pieces() const override {
    return {&piece_, 1};
  }
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const override;

 private:
  std::span<const uint8_t> bytes_;
  formats::AuxPiece piece_;
};

// Decodes stretches of streams over the same code with libipt. What it needs
// for that (a copy of the code in a file) is made when it is first asked.
class StretchDecoder {
 public:
  StretchDecoder(std::shared_ptr<const CodeView> code, PtSettings settings);
  ~StretchDecoder();

  // The items of bytes [begin, end) of `trace`, where a PSB stands at `begin`
  // and `end` is in front of another one or the end. Valid until the next
  // call.
  std::span<FlowItem> decode(std::span<const uint8_t> trace, uint64_t begin,
                             uint64_t end);

 private:
  std::shared_ptr<const CodeView> code_;
  PtSettings settings_;
  std::unique_ptr<ImageStore> store_;
  std::unique_ptr<SectionCache> sections_;
  FlowBatch batch_;
  FlowBatch items_;
};

}  // namespace ptcap::decode::fast

#endif  // PTCAP_DECODE_FAST_STRETCH_H_
