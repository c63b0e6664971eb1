// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/formats/pt/random_program.h"

#include <array>
#include <cassert>
#include <optional>

namespace ptcap::pt::testing {

namespace {

using End = RandomBlock::End;

constexpr size_t kBlocksPerRegion = 100;
constexpr uint64_t kRegions[] = {0x401000, 0x7f1234567000};

unsigned branch_size(End end) {
  switch (end) {
    case End::kFall:
      return 0;
    case End::kJcc:
      return 6;
    case End::kJmp:
    case End::kCall:
    case End::kCallNext:
      return 5;
    case End::kIndirectJump:
    case End::kIndirectCall:
    case End::kSyscall:
      return 2;
    case End::kRet:
      return 1;
  }
  return 0;
}

bool is_direct(End end) {
  return end == End::kJcc || end == End::kJmp || end == End::kCall;
}

void append(std::vector<uint8_t>& bytes, std::initializer_list<uint8_t> more) {
  bytes.insert(bytes.end(), more);
}

void append_rel32(std::vector<uint8_t>& bytes, uint64_t next, uint64_t to) {
  uint8_t field[4];
  put_bytes(field, to - next, 4);
  bytes.insert(bytes.end(), field, field + 4);
}

void assemble(std::vector<uint8_t>& bytes, const RandomBlock& block,
              uint64_t target) {
  bytes.insert(bytes.end(), block.nops, 0x90);
  switch (block.end) {
    case End::kFall:
      return;
    case End::kJcc:
      append(bytes, {0x0f, 0x84});
      return append_rel32(bytes, block.next_ip(), target);
    case End::kJmp:
      append(bytes, {0xe9});
      return append_rel32(bytes, block.next_ip(), target);
    case End::kCall:
      append(bytes, {0xe8});
      return append_rel32(bytes, block.next_ip(), target);
    case End::kCallNext:
      append(bytes, {0xe8});
      return append_rel32(bytes, block.next_ip(), block.next_ip());
    case End::kIndirectJump:
      return append(bytes, {0xff, 0xe0});
    case End::kIndirectCall:
      return append(bytes, {0xff, 0xd0});
    case End::kRet:
      return append(bytes, {0xc3});
    case End::kSyscall:
      return append(bytes, {0x0f, 0x05});
  }
}

// Executes blocks and tells the encoder. Buffers are tiny, so that many
// things happen at their ends.
class Walker {
 public:
  Walker(const RandomProgram& program, const FlowEncoderOptions& options,
         std::mt19937_64& random)
      : blocks_(program.blocks()), encoder_(options), random_(random) {
    encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
  }

  Walk run(int steps) {
    block_ = 0;
    enable(blocks_[0].address);
    for (int i = 0; i < steps || !at_syscall_; ++i) step();
    take_buffer();
    return std::move(walk_);
  }

 private:
  void step() {
    if (at_syscall_) resume(blocks_[block_].address);
    const unsigned what = static_cast<unsigned>(random_() % 100);
    const RandomBlock& block = blocks_[block_];
    const unsigned nops = static_cast<unsigned>(random_() % (block.nops + 1));
    if (what < 2) return signal(block, nops);
    if (what == 3) return interrupt(block, nops);
    if (what == 4) restart(block);
    execute_nops(block, 0, block.nops);
    execute_end(block);
    service(blocks_[block_].address);
  }

  void execute_nops(const RandomBlock& block, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; ++i) walk_.ips.push_back(block.address + i);
  }

  void signal(const RandomBlock& block, unsigned nops) {
    execute_nops(block, 0, nops);
    encoder_.async_disable(block.address + nops);
    ++walk_.signals;
    block_ = any();
    resume(blocks_[block_].address);
  }

  void interrupt(const RandomBlock& block, unsigned nops) {
    execute_nops(block, 0, nops);
    block_ = any();
    encoder_.async(block.address + nops, blocks_[block_].address);
    ++walk_.interrupts;
    service(blocks_[block_].address);
  }

  void restart(const RandomBlock& block) {
    walk_.enable_tscs.push_back(++time_);
    encoder_.restart(block.address, time_);
    ++walk_.restarts;
    service(block.address);
  }

  void execute_end(const RandomBlock& block) {
    if (block.end != End::kFall) walk_.ips.push_back(block.branch_ip());
    const size_t next = block_ + 1;
    switch (block.end) {
      case End::kFall:
      case End::kCallNext:
        block_ = next;
        if (block.end == End::kCallNext) stack_.push_back(next);
        return;
      case End::kJcc: {
        const bool taken = random_() % 2 == 0;
        block_ = taken ? block.target : next;
        encoder_.cond(taken);
        return;
      }
      case End::kJmp:
        block_ = block.target;
        return;
      case End::kCall:
        encoder_.call(block.next_ip());
        if (random_() % 50 == 0) {  // announced twice, executed once
          encoder_.undo_call();
          encoder_.call(block.next_ip());
        }
        stack_.push_back(next);
        block_ = block.target;
        return;
      case End::kIndirectJump:
        block_ = any();
        return encoder_.indirect(blocks_[block_].address);
      case End::kIndirectCall:
        encoder_.call(block.next_ip());
        stack_.push_back(next);
        block_ = any();
        return encoder_.indirect(blocks_[block_].address);
      case End::kRet:
        return_from_function();
        return;
      case End::kSyscall:
        block_ = next;
        encoder_.disable();
        at_syscall_ = true;
        ++walk_.syscalls;
        return;
    }
  }

  void return_from_function() {
    if (stack_.empty() || random_() % 20 == 0) {
      block_ = any();
    } else {
      block_ = stack_.back();
      stack_.pop_back();
    }
    encoder_.ret(blocks_[block_].address);
  }

  void resume(uint64_t ip) {
    at_syscall_ = false;
    service(ip);
    enable(ip);
    service(ip);
  }

  void enable(uint64_t ip) {
    walk_.enable_tscs.push_back(++time_);
    encoder_.enable(ip, time_);
  }

  void service(uint64_t ip) {
    time_ += random_() % 1000;
    if (!encoder_.due()) return;
    if (encoder_.full()) take_buffer();
    encoder_.maintain(ip, time_);
  }

  void take_buffer() {
    assert(encoder_.buffered() <= buffer_.size());
    walk_.trace.insert(
        walk_.trace.end(), buffer_.begin(),
        buffer_.begin() + static_cast<long>(encoder_.buffered()));
    encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
  }

  size_t any() { return random_() % blocks_.size(); }

  const std::vector<RandomBlock>& blocks_;
  FlowEncoder encoder_;
  std::mt19937_64& random_;
  std::array<uint8_t, 2 * FlowEncoder::kReserve + 100> buffer_;
  std::vector<size_t> stack_;
  size_t block_ = 0;
  bool at_syscall_ = false;
  uint64_t time_ = 1000;
  Walk walk_;
};

}  // namespace

uint64_t RandomBlock::next_ip() const { return branch_ip() + branch_size(end); }

// Direct branches without a packet only go forward: a loop of them would
// never end, and no trace could say how often it ran.
RandomProgram::RandomProgram(std::mt19937_64& random) {
  for (const uint64_t region : kRegions) {
    uint64_t address = region;
    const size_t first = blocks_.size();
    for (size_t i = 0; i < kBlocksPerRegion; ++i) {
      RandomBlock block;
      block.address = address;
      block.nops = 1 + static_cast<unsigned>(random() % 4);
      block.end = static_cast<End>(random() % 9);
      const size_t left = kBlocksPerRegion - 1 - i;
      if (left == 0) block.end = End::kIndirectJump;
      block.target = first + i + (left ? 1 + random() % left : 0);
      if (block.end == End::kJcc) block.target = first + random() % (i + 1);
      if (block.end == End::kCall && block.target == first + i + 1) {
        block.end = End::kCallNext;
      }
      blocks_.push_back(block);
      address = block.next_ip();
    }
    auto& bytes = code_[region];
    for (size_t i = first; i < blocks_.size(); ++i) {
      const RandomBlock& block = blocks_[i];
      assemble(bytes, block,
               is_direct(block.end) ? blocks_[block.target].address : 0);
    }
  }
}

Walk random_walk(const RandomProgram& program, int steps,
                 const FlowEncoderOptions& options, std::mt19937_64& random) {
  return Walker(program, options, random).run(steps);
}

}  // namespace ptcap::pt::testing
