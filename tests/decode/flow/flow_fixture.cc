// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/flow/flow_fixture.h"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "decode/branch_rows.h"
#include "decode/bts/engine.h"
#include "decode/fast/ordered_engine.h"
#include "decode/libipt/engine.h"

namespace ptcap::decode {

namespace {

class MemoryAux : public AuxBytes {
 public:
  MemoryAux(const std::vector<uint8_t>& bytes,
            std::vector<formats::AuxPiece> pieces,
            const std::vector<uint64_t>& losses)
      : bytes_(bytes), pieces_(std::move(pieces)), losses_(losses) {
    if (pieces_.empty()) pieces_.push_back({0, bytes.size(), 0});
  }
  std::span<const formats::AuxPiece> pieces() const override { return pieces_; }
  std::span<const uint64_t> losses() const override { return losses_; }
  uint64_t read(uint64_t offset, std::span<uint8_t> out) const override {
    for (const formats::AuxPiece& piece : pieces_) {
      if (offset < piece.offset || offset >= piece.offset + piece.size) {
        continue;
      }
      const uint64_t size =
          std::min<uint64_t>(out.size(), piece.offset + piece.size - offset);
      std::memcpy(out.data(), bytes_.data() + offset, size);
      return size;
    }
    return 0;
  }

 private:
  const std::vector<uint8_t>& bytes_;
  std::vector<formats::AuxPiece> pieces_;
  const std::vector<uint64_t>& losses_;
};

std::string show_branches(const FlowBatch& items, bool not_taken) {
  BranchRows maker(not_taken);
  std::vector<BranchRow> rows;
  maker.add(items, rows);
  std::ostringstream text;
  text << std::hex;
  for (const BranchRow& row : rows) {
    text << branch_kind_name(row.kind) << ' ';
    if (row.has_from) text << row.from;
    text << '>';
    if (row.has_to) text << row.to;
    if (row.cause != FlowCause::kNone) {
      text << ' ' << flow_cause_name(row.cause);
    }
    text << '\n';
  }
  return text.str();
}

std::string show_blocks(const FlowBatch& items) {
  std::ostringstream text;
  for (const FlowItem& item : items) {
    if (item.kind != FlowKind::kBlock) continue;
    text << std::hex << item.begin << ".." << item.end << ' ' << std::dec
         << item.ninsn << '\n';
  }
  return text.str();
}

// But for PSBs, whose number is clear, and that say nothing else.
std::string show_events(const FlowBatch& items, EventLog& log) {
  std::ostringstream text;
  for (const FlowItem& item : items) {
    if (item.kind == FlowKind::kGap) {
      text << "gap " << flow_cause_name(item.cause) << '\n';
    }
    if (item.kind != FlowKind::kOther) continue;
    const StreamEvent& event = log.take(item.detail);
    if (std::string_view(event.name) == "psb") continue;
    text << event.name;
    if (item.has_from) text << ' ' << std::hex << item.from;
    for (const StreamEvent::Field& field : event.fields) {
      if (field.name == nullptr) break;
      text << ' ' << field.name << '=' << (field.hex ? std::hex : std::dec)
           << field.value;
    }
    text << '\n';
  }
  return text.str();
}

}  // namespace

Packets& Packets::put(uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  return *this;
}

namespace {

template <typename Write>
void write_to(std::vector<uint8_t>& bytes, Write write) {
  uint8_t room[2 * pt::kMaxWriteSize];
  bytes.insert(bytes.end(), room, write(room));
}

}  // namespace

Packets& Packets::ip_packet(pt::IpPacket kind, uint64_t ip) {
  write_to(bytes_, [&](uint8_t* out) {
    return pt::put_ip(out, kind, pt::IpCompression::kFull, ip);
  });
  return *this;
}

Packets& Packets::psb(std::optional<uint64_t> ip,
                      std::optional<uint64_t> tsc_value) {
  write_to(bytes_, pt::put_psb);
  if (tsc_value) tsc(*tsc_value);
  mode(pt::kModeExec64);
  if (ip) fup(*ip);
  write_to(bytes_, pt::put_psbend);
  return *this;
}

Packets& Packets::bare_psb() {
  write_to(bytes_, pt::put_psb);
  write_to(bytes_, pt::put_psbend);
  return *this;
}

Packets& Packets::tnt(std::string_view branches) {
  uint64_t bits = 0;
  for (const char branch : branches) bits = bits << 1 | (branch == 't' ? 1 : 0);
  write_to(bytes_, [&](uint8_t* out) {
    const auto count = static_cast<unsigned>(branches.size());
    return count <= 6 ? pt::put_tnt8(out, bits, count)
                      : pt::put_tnt64(out, bits, count);
  });
  return *this;
}

Packets& Packets::tsc(uint64_t value) {
  write_to(bytes_, [&](uint8_t* out) { return pt::put_tsc(out, value); });
  return *this;
}

Packets& Packets::ovf() {
  write_to(bytes_, pt::put_ovf);
  return *this;
}

Packets& Packets::stop() {
  write_to(bytes_, pt::put_stop);
  return *this;
}

Packets& Packets::mode(uint8_t bits) {
  write_to(bytes_, [&](uint8_t* out) { return pt::put_mode_exec(out, bits); });
  return *this;
}

Packets& Packets::tsx(bool in_tx, bool abort) {
  write_to(bytes_,
           [&](uint8_t* out) { return pt::put_mode_tsx(out, in_tx, abort); });
  return *this;
}

Packets& Packets::ptw(uint64_t payload) {
  write_to(bytes_,
           [&](uint8_t* out) { return pt::put_ptw(out, payload, 8, false); });
  return *this;
}

Packets& Packets::raw(std::initializer_list<uint8_t> bytes) {
  bytes_.insert(bytes_.end(), bytes);
  return *this;
}

Packets& Packets::append(const std::vector<uint8_t>& bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

CodeRange FlowTest::range(uint64_t address, std::string_view hex) {
  std::vector<uint8_t>& bytes = memory_.emplace_back();
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    value =
        value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<uint8_t>(value));
      value = 0;
    }
  }
  return {address, store_.add(bytes)};
}

void FlowTest::code(uint64_t address, std::string_view hex) {
  view_.add(range(address, hex));
}

StreamCode FlowTest::stream_code() const {
  return StreamCode(
      std::make_shared<const CodeView>(view_),
      std::make_shared<const std::vector<CodeChange>>(by_time_),
      std::make_shared<const std::vector<CodeChange>>(by_offset_));
}

namespace {

FlowBatch all_items(FlowEngine& engine) {
  FlowBatch all;
  FlowBatch batch;
  batch.reserve(64);
  while (engine.next(batch)) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

}  // namespace

FlowBatch FlowTest::decode(const Packets& packets, uint64_t window_size,
                           IptKind kind, EventLog* events) {
  const MemoryAux aux(packets.bytes(), pieces_, losses_);
  LibiptEngine engine({&aux, stream_code(), settings_, 0, ~0ull, events},
                      sections_, window_size, kind);
  return all_items(engine);
}

FlowBatch FlowTest::decode_fast(const Packets& packets, uint64_t window_size,
                                uint64_t limit_bytes) {
  const MemoryAux aux(packets.bytes(), pieces_, losses_);
  fast::OrderedEngine engine(
      {&aux, stream_code(), settings_, 0, ~0ull}, sections_,
      {.settings = settings_, .limit_bytes = limit_bytes}, window_size);
  return all_items(engine);
}

template <typename Show>
std::string FlowTest::with_all_windows(const Packets& packets, Show show) {
  const std::string whole = show(decode(packets, 1 << 20, IptKind::kBlock));
  const std::string other =
      show(decode(packets, 1 << 20, IptKind::kInstruction));
  if (compare_decoders_ && other != whole) {
    return "instruction decoder:\n" + other + "block decoder:\n" + whole;
  }
  for (const uint64_t size : {100, 1 << 20}) {
    const std::string fast = show(decode_fast(packets, size));
    if (fast != whole) {
      return "fast engine, windows of " + std::to_string(size) + ":\n" + fast +
             "libipt:\n" + whole;
    }
  }
  for (const uint64_t size : {16, 40, 64, 100, 200, 1000}) {
    const std::string windowed = show(decode(packets, size, IptKind::kBlock));
    if (windowed != whole) {
      return "in windows of " + std::to_string(size) + ":\n" + windowed +
             "whole:\n" + whole;
    }
  }
  return whole;
}

std::string FlowTest::branches(const Packets& packets, bool not_taken) {
  return with_all_windows(packets, [&](const FlowBatch& items) {
    return show_branches(items, not_taken);
  });
}

namespace {

std::string kinds_of_ends(const FlowBatch& items) {
  const FlowItem& first = items.front();
  if (first.kind != FlowKind::kOn && first.kind != FlowKind::kGap) {
    return "the flow begins with neither on nor gap\n";
  }
  for (size_t i = items.size(); i-- > 0;) {  // modes do not count
    const FlowItem& last = items[i];
    if (last.kind == FlowKind::kMode) continue;
    if (last.kind == FlowKind::kOff) return "";
    if (last.kind == FlowKind::kGap && !last.has_to) return "";
    return "the flow ends with neither off nor gap\n";
  }
  return "";
}

std::string unaccounted(const FlowBatch& items, uint64_t size) {
  if (items.empty()) return "";
  uint64_t at = 0;
  FlowKind before = FlowKind::kOn;
  for (const FlowItem& item : items) {
    // Behind a gap decoding may begin further back: libipt reads ahead.
    const bool back = item.offset < at && before != FlowKind::kGap;
    if (back || item.offset > size) {
      return "item of kind " + std::to_string(static_cast<int>(item.kind)) +
             " at offset " + std::to_string(item.offset) +
             " behind one of kind " + std::to_string(static_cast<int>(before)) +
             " at " + std::to_string(at) + " of " + std::to_string(size) + "\n";
    }
    at = item.offset;
    before = item.kind;
  }
  return kinds_of_ends(items);
}

}  // namespace

std::string FlowTest::rows_of(const Packets& packets, Engine engine) {
  constexpr uint64_t kWindow = 1 << 16;
  FlowBatch items;
  switch (engine) {
    case Engine::kBlocks:
      items = decode(packets, kWindow, IptKind::kBlock);
      break;
    case Engine::kInstructions:
      items = decode(packets, kWindow, IptKind::kInstruction);
      break;
    case Engine::kFast:
      items = decode_fast(packets, kWindow, /*limit_bytes=*/16 << 20);
      break;
  }
  const std::string wrong = unaccounted(items, packets.size());
  EXPECT_EQ(wrong, "");
  return show_branches(items, /*not_taken=*/true) + wrong;
}

std::string FlowTest::events(const Packets& packets) {
  auto shown = [&](uint64_t window_size, IptKind kind) {
    EventLog log;
    return show_events(decode(packets, window_size, kind, &log), log);
  };
  const std::string whole = shown(1 << 20, IptKind::kBlock);
  const std::string other = shown(1 << 20, IptKind::kInstruction);
  if (other != whole) return "instruction decoder:\n" + other + whole;
  for (const uint64_t size : {16, 40, 64, 100, 200, 1000}) {
    const std::string windowed = shown(size, IptKind::kBlock);
    if (windowed != whole) {
      return "in windows of " + std::to_string(size) + ":\n" + windowed + whole;
    }
  }
  return whole;
}

std::string FlowTest::times(const Packets& packets) {
  auto shown = [&](IptKind kind) {
    std::string text;
    BranchRows maker(/*not_taken=*/true);
    std::vector<BranchRow> rows;
    maker.add(decode(packets, 1 << 20, kind), rows);
    for (const BranchRow& row : rows) {
      if (row.kind == BranchKind::kJcc) text += std::to_string(row.time) + " ";
    }
    return text;
  };
  const std::string whole = shown(IptKind::kBlock);
  const std::string other = shown(IptKind::kInstruction);
  return other == whole ? whole : "instruction decoder: " + other + whole;
}

std::string FlowTest::cycles(const Packets& packets) {
  auto shown = [&](uint64_t window_size, IptKind kind) {
    std::string text;
    for (const FlowItem& item : decode(packets, window_size, kind)) {
      if (item.kind != FlowKind::kBlock) continue;
      text += std::to_string(item.detail) + " ";
    }
    return text;
  };
  const std::string whole = shown(1 << 20, IptKind::kBlock);
  for (const uint64_t size : {16, 100, 1 << 20}) {
    const std::string other = shown(size, IptKind::kInstruction);
    if (other != whole) return "instruction decoder: " + other + whole;
  }
  return whole;
}

std::string FlowTest::bts(
    const std::vector<std::pair<uint64_t, uint64_t>>& records, bool not_taken) {
  std::vector<uint8_t> bytes(records.size() * kBtsRecordSize);
  for (size_t i = 0; i < records.size(); ++i) {
    std::memcpy(&bytes[i * kBtsRecordSize], &records[i], 16);
  }
  const MemoryAux aux(bytes, pieces_, losses_);
  BtsEngine engine({&aux, StreamCode(std::make_shared<const CodeView>(view_)),
                    settings_, 0, ~0ull});
  return show_branches(all_items(engine), not_taken);
}

std::string FlowTest::blocks(const Packets& packets) {
  return with_all_windows(packets, show_blocks);
}

}  // namespace ptcap::decode
