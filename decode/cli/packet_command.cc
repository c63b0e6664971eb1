// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec packets: the packets of each stream, in the order of its bytes.

#include <algorithm>

#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/cli/row_printer.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

namespace {

struct PacketRow {
  uint64_t time = 0;
  uint64_t offset = 0;
  pt::Packet packet;
};

// Scans chunk by chunk; a packet that a chunk cuts is scanned again with the
// next one.
class PacketSource : public RowSource<PacketRow> {
 public:
  PacketSource(const Trace& trace, const StreamParts& parts)
      : reader_(trace.reader()), aux_(*parts.stream->aux) {
    if (trace.has_time()) clock_ = trace.facts().clock;
    if (!aux_.pieces.empty()) at_ = aux_.pieces.front().offset;
    if (!parts.parts.empty()) at_ = std::max(at_, parts.parts.front().begin);
  }

  bool next(std::vector<PacketRow>& rows) override {
    rows.clear();
    while (rows.empty()) {
      if (!fill()) return false;
      scan(rows);
    }
    return true;
  }

 private:
  static constexpr size_t kChunk = size_t{256} << 10;

  // More bytes behind those kept; at a hole and at the end what is kept is all
  // there is of its packet.
  bool fill() {
    const size_t kept = chunk_.size();
    chunk_.resize(kChunk);
    size_t size = kept;
    while (size < kChunk) {
      const uint64_t read = reader_.read_aux(
          aux_, at_ + size, {chunk_.data() + size, kChunk - size});
      if (read == 0) break;
      size += read;
    }
    chunk_.resize(size);
    last_ = size < kChunk;
    if (size != 0) return true;
    return skip_hole();
  }

  bool skip_hole() {
    for (const formats::AuxPiece& piece : aux_.pieces) {
      if (piece.offset > at_) {
        at_ = piece.offset;
        return fill();
      }
    }
    return false;
  }

  void scan(std::vector<PacketRow>& rows) {
    pt::PacketScanner scanner(chunk_);
    PacketRow row;
    row.time = time_;
    uint64_t done = 0;
    while (scanner.next(row.packet)) {
      const bool cut = scanner.offset() == chunk_.size() && !last_ &&
                       (row.packet.type == pt::PacketType::kTruncated ||
                        row.packet.type == pt::PacketType::kUnknown);
      if (cut && row.packet.size < kChunk) break;
      if (clock_ && row.packet.type == pt::PacketType::kTsc) {
        row.time = time_ = clock_->to_ns(row.packet.value);
      }
      row.offset = at_ + done;
      rows.push_back(row);
      done = scanner.offset();
    }
    at_ += done;
    chunk_.erase(chunk_.begin(),
                 chunk_.begin() + static_cast<std::ptrdiff_t>(done));
  }

  const formats::TraceReader& reader_;
  const formats::AuxStream& aux_;
  std::vector<uint8_t> chunk_;
  uint64_t at_ = 0;  // of chunk_ in the stream
  bool last_ = false;
  std::optional<TimeConversion> clock_;
  uint64_t time_ = 0;  // of the last TSC
};

// Payloads that are one number; the others are made of two, with a comma.
enum class Payload : uint8_t { kNone, kValue, kTnt, kIp, kPair };

Payload payload_of(pt::PacketType type) {
  using pt::PacketType;
  switch (type) {
    case PacketType::kPad:
    case PacketType::kPsb:
    case PacketType::kPsbEnd:
    case PacketType::kOvf:
    case PacketType::kStop:
    case PacketType::kExstop:
    case PacketType::kBep:
    case PacketType::kUnknown:
    case PacketType::kTruncated:
      return Payload::kNone;
    case PacketType::kTnt8:
    case PacketType::kTnt64:
      return Payload::kTnt;
    case PacketType::kTip:
    case PacketType::kTipPge:
    case PacketType::kTipPgd:
    case PacketType::kFup:
      return Payload::kIp;
    case PacketType::kTma:
    case PacketType::kMwait:
    case PacketType::kPwre:
    case PacketType::kPwrx:
    case PacketType::kBbp:
    case PacketType::kBip:
    case PacketType::kCfe:
    case PacketType::kEvd:
      return Payload::kPair;
    case PacketType::kPip:
    case PacketType::kVmcs:
    case PacketType::kCbr:
    case PacketType::kTsc:
    case PacketType::kMtc:
    case PacketType::kCyc:
    case PacketType::kModeExec:
    case PacketType::kModeTsx:
    case PacketType::kMnt:
    case PacketType::kPtw:
      return Payload::kValue;
  }
  return Payload::kNone;
}

void put_payload(Output& out, const pt::Packet& packet) {
  switch (payload_of(packet.type)) {
    case Payload::kNone:
      return;
    case Payload::kTnt:
      // With the stop bit on top, as the packet has it: it says how many.
      out.put_hex(packet.value | 1ull << packet.detail);
      return;
    case Payload::kIp:
      if (packet.detail != 0) out.put_hex(packet.value);
      return;
    case Payload::kValue:
      out.put_hex(packet.value);
      return;
    case Payload::kPair:
      out.put_hex(packet.value);
      out.put(',');
      out.put_hex(packet.detail);
      return;
  }
}

class PacketPrinter {
 public:
  PacketPrinter(Format format, Output& out)
      : format_(format), out_(out), columns_(format) {}

  void header() {
    if (format_ == Format::kTsv) {
      out_.write("#pid\ttid\tcpu\toffset\ttype\tpayload\n");
    }
  }

  void row(const TraceStream& stream, const PacketRow& row) {
    out_.room();
    const std::string_view name = pt::packet_name(row.packet.type);
    if (format_ == Format::kJson) out_.put('{');
    out_.put(columns_.of(stream));
    switch (format_) {
      case Format::kTsv:
        out_.put_dec(row.offset);
        out_.put('\t');
        out_.put(name);
        out_.put('\t');
        put_payload(out_, row.packet);
        out_.put('\n');
        return;
      case Format::kJson:
        out_.put(",\"offset\":");
        out_.put_dec(row.offset);
        out_.put(",\"type\":\"");
        out_.put(name);
        out_.put("\",\"payload\":\"");
        put_payload(out_, row.packet);
        out_.put("\"}\n");
        return;
      case Format::kText:
        out_.put_hex(row.offset);
        out_.put("  ");
        out_.put(name);
        out_.put(std::string_view("          ").substr(name.size() - 1));
        put_payload(out_, row.packet);
        out_.put('\n');
        return;
    }
  }

 private:
  Format format_;
  Output& out_;
  StreamColumns columns_;
};

// The packets of a CPU are of no thread.
const TraceStream& lane_of(const TraceStream& stream,
                           const PacketRow& /*row*/) {
  return stream;
}

// Packets are in no module.
bool passes(const NameFilter& /*filter*/, const TraceStream& /*stream*/,
            const PacketRow& /*row*/) {
  return true;
}

}  // namespace

int run_packets(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  return run_rows<PacketRow>(
      run,
      [&](const StreamParts& parts) {
        return std::make_unique<PacketSource>(run.trace, parts);
      },
      PacketPrinter(line.format, run.out));
}

}  // namespace ptcap::decode
