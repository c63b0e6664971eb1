// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/fast/stretch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "decode/libipt/engine.h"

namespace ptcap::decode::fast {

namespace {

constexpr size_t kBatch = 4096;

}  // namespace

uint64_t SpanAux::read(uint64_t offset, std::span<uint8_t> out) const {
  if (offset >= bytes_.size()) return 0;
  const size_t size = std::min<uint64_t>(out.size(), bytes_.size() - offset);
  std::memcpy(out.data(), bytes_.data() + offset, size);
  return size;
}

StretchDecoder::StretchDecoder(std::shared_ptr<const CodeView> code,
                               PtSettings settings)
    : code_(std::move(code)), settings_(settings) {}

StretchDecoder::~StretchDecoder() = default;

std::span<FlowItem> StretchDecoder::decode(std::span<const uint8_t> trace,
                                           uint64_t begin, uint64_t end) {
  if (!sections_) {
    store_ = std::make_unique<ImageStore>();
    sections_ = std::make_unique<SectionCache>(*store_);
    batch_.reserve(kBatch);
  }
  const SpanAux aux(trace);
  LibiptEngine engine({.aux = &aux,
                       .code = StreamCode(code_),
                       .settings = settings_,
                       .begin = begin,
                       .end = end},
                      *sections_);
  items_.clear();
  while (engine.next(batch_)) {
    items_.insert(items_.end(), batch_.begin(), batch_.end());
  }
  return items_;
}

}  // namespace ptcap::decode::fast
