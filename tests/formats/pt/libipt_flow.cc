// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/pt/libipt_flow.h"

#include <intel-pt.h>

#include <algorithm>
#include <memory>

namespace ptcap::pt::testing {

namespace {

int read_code(uint8_t* buffer, size_t size, const pt_asid* /*asid*/,
              uint64_t ip, void* context) {
  const Code& code = *static_cast<const Code*>(context);
  auto range = code.upper_bound(ip);
  if (range == code.begin()) return -pte_nomap;
  --range;
  const auto& bytes = range->second;
  const uint64_t offset = ip - range->first;
  if (offset >= bytes.size()) return -pte_nomap;
  const size_t count = std::min<size_t>(size, bytes.size() - offset);
  std::copy_n(bytes.begin() + static_cast<long>(offset), count, buffer);
  return static_cast<int>(count);
}

pt_config config_for(std::span<const uint8_t> trace) {
  pt_config config;
  pt_config_init(&config);
  // libipt does not write through it.
  config.begin = const_cast<uint8_t*>(trace.data());
  config.end = config.begin + trace.size();
  return config;
}

using Image = std::unique_ptr<pt_image, void (*)(pt_image*)>;

Image image_for(const Code& code) {
  Image image(pt_image_alloc("code"), pt_image_free);
  pt_image_set_callback(image.get(), read_code, const_cast<Code*>(&code));
  return image;
}

void count_event(const pt_event& event, LibiptFlow& flow) {
  switch (event.type) {
    case ptev_enabled:
      flow.event_tscs.push_back(event.has_tsc ? event.tsc : 0);
      break;
    case ptev_disabled:
      ++flow.disabled;
      break;
    case ptev_async_disabled:
      ++flow.async_disabled;
      break;
    case ptev_async_branch:
      ++flow.async_branches;
      break;
    case ptev_overflow:
      ++flow.overflows;
      break;
    default:
      break;
  }
}

std::string error_at(const char* what, int status, uint64_t offset,
                     uint64_t ip) {
  return std::string(what) + ": " + pt_errstr(pt_errcode(status)) +
         " at offset " + std::to_string(offset) + ", ip " + std::to_string(ip);
}

}  // namespace

LibiptFlow libipt_insn_flow(std::span<const uint8_t> trace, uint64_t offset,
                            const Code& code) {
  pt_config config = config_for(trace);
  Image image = image_for(code);
  const std::unique_ptr<pt_insn_decoder, void (*)(pt_insn_decoder*)> decoder(
      pt_insn_alloc_decoder(&config), pt_insn_free_decoder);
  pt_insn_set_image(decoder.get(), image.get());
  LibiptFlow flow;
  int status = pt_insn_sync_set(decoder.get(), offset);
  pt_insn insn = {};
  while (status >= 0) {
    while (status >= 0 && (status & pts_event_pending) != 0) {
      pt_event event;
      status = pt_insn_event(decoder.get(), &event, sizeof(event));
      if (status >= 0) count_event(event, flow);
    }
    if (status < 0 || (status & pts_eos) != 0) break;
    insn = {};
    status = pt_insn_next(decoder.get(), &insn, sizeof(insn));
    if (insn.iclass != ptic_error) flow.ips.push_back(insn.ip);
  }
  if (status < 0 && status != -pte_eos) {
    uint64_t at = 0;
    pt_insn_get_offset(decoder.get(), &at);
    flow.error = error_at("pt_insn_next", status, at, insn.ip);
  }
  return flow;
}

LibiptBlocks libipt_block_flow(std::span<const uint8_t> trace,
                               const Code& code) {
  pt_config config = config_for(trace);
  Image image = image_for(code);
  const std::unique_ptr<pt_block_decoder, void (*)(pt_block_decoder*)> decoder(
      pt_blk_alloc_decoder(&config), pt_blk_free_decoder);
  pt_blk_set_image(decoder.get(), image.get());
  LibiptBlocks flow;
  int status = pt_blk_sync_set(decoder.get(), 0);
  pt_block block = {};
  while (status >= 0) {
    while (status >= 0 && (status & pts_event_pending) != 0) {
      pt_event event;
      status = pt_blk_event(decoder.get(), &event, sizeof(event));
    }
    if (status < 0 || (status & pts_eos) != 0) break;
    block = {};
    status = pt_blk_next(decoder.get(), &block, sizeof(block));
    if (block.ninsn == 0) continue;
    flow.instructions += block.ninsn;
    flow.starts.push_back(block.ip);
  }
  if (status < 0 && status != -pte_eos) {
    uint64_t at = 0;
    pt_blk_get_offset(decoder.get(), &at);
    flow.error = error_at("pt_blk_next", status, at, block.ip);
  }
  return flow;
}

}  // namespace ptcap::pt::testing
