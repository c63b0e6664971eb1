// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/libipt/decoder.h"

#include <new>

namespace ptcap::decode {

namespace {

class BlockDecoder : public IptDecoder {
 public:
  explicit BlockDecoder(const pt_config& config)
      : decoder_(pt_blk_alloc_decoder(&config)) {
    if (!decoder_) throw std::bad_alloc();
  }

  int sync(uint64_t offset) override {
    return pt_blk_sync_set(decoder_.get(), offset);
  }
  int next(pt_block& block) override {
    return pt_blk_next(decoder_.get(), &block, sizeof(block));
  }
  int event(pt_event& event) override {
    return pt_blk_event(decoder_.get(), &event, sizeof(event));
  }
  int offset(uint64_t& offset) const override {
    return pt_blk_get_offset(decoder_.get(), &offset);
  }
  int time(uint64_t& tsc) override {
    uint32_t lost_mtc = 0;
    uint32_t lost_cyc = 0;
    return pt_blk_time(decoder_.get(), &tsc, &lost_mtc, &lost_cyc);
  }
  void set_image(pt_image* image) override {
    pt_blk_set_image(decoder_.get(), image);
  }

 private:
  struct Free {
    void operator()(pt_block_decoder* d) const { pt_blk_free_decoder(d); }
  };
  std::unique_ptr<pt_block_decoder, Free> decoder_;
};

class InstructionDecoder : public IptDecoder {
 public:
  explicit InstructionDecoder(const pt_config& config)
      : decoder_(pt_insn_alloc_decoder(&config)) {
    if (!decoder_) throw std::bad_alloc();
  }

  int sync(uint64_t offset) override {
    return pt_insn_sync_set(decoder_.get(), offset);
  }
  int next(pt_block& block) override {
    pt_insn insn = {};
    const int status = pt_insn_next(decoder_.get(), &insn, sizeof(insn));
    block = {};
    block.ip = insn.ip;
    block.end_ip = insn.ip;
    block.mode = insn.mode;
    block.iclass = insn.iclass;
    block.ninsn = insn.iclass == ptic_error ? 0 : 1;
    return status;
  }
  int event(pt_event& event) override {
    return pt_insn_event(decoder_.get(), &event, sizeof(event));
  }
  int offset(uint64_t& offset) const override {
    return pt_insn_get_offset(decoder_.get(), &offset);
  }
  int time(uint64_t& tsc) override {
    uint32_t lost_mtc = 0;
    uint32_t lost_cyc = 0;
    return pt_insn_time(decoder_.get(), &tsc, &lost_mtc, &lost_cyc);
  }
  void set_image(pt_image* image) override {
    pt_insn_set_image(decoder_.get(), image);
  }

 private:
  struct Free {
    void operator()(pt_insn_decoder* d) const { pt_insn_free_decoder(d); }
  };
  std::unique_ptr<pt_insn_decoder, Free> decoder_;
};

}  // namespace

std::unique_ptr<IptDecoder> make_ipt_decoder(IptKind kind, pt_config config) {
  if (kind == IptKind::kInstruction) {
    return std::make_unique<InstructionDecoder>(config);
  }
  config.flags.variant.block.end_on_call = 1;
  config.flags.variant.block.end_on_jump = 1;
  return std::make_unique<BlockDecoder>(config);
}

}  // namespace ptcap::decode
