// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// branch_stream N: writes to stdout the .ptz of a thread that ran at least N
// branches, as a software source would have written it. For ptdec's speed and
// memory on streams of any length.

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "bindings/abi/attr_constants.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/flow_encoder.h"
#include "formats/ptz/trace_writer.h"

namespace {

using namespace ptcap;

constexpr uint64_t kBase = 0x401000;
constexpr uint32_t kPid = 1000;
// clang-format off
constexpr uint8_t kLoop[] = {
    0xe8, 0x3b, 0x00, 0x00, 0x00,  // 00: call 40
    0x83, 0xf8, 0x01,              // 05: cmp eax, 1
    0x74, 0x06,                    // 08: jz 10
    0xff, 0xc0,                    // 0a: inc eax
    0xeb, 0x02,                    // 0c: jmp 10
    0x90, 0x90,                    // 0e
    0x85, 0xc0,                    // 10: test eax, eax
    0x75, 0xec,                    // 12: jnz 00
    0xff, 0xe0,                    // 14: jmp rax
};
constexpr uint8_t kFunction[] = {
    0x01, 0xc0,                    // 40: add eax, eax
    0x72, 0x02,                    // 42: jb 46
    0x90, 0x90,                    // 44
    0xc3,                          // 46: ret
};
// clang-format on

void add_code(formats::TraceWriter& writer, uint64_t address,
              formats::Bytes bytes) {
  formats::CodeMapping mapping;
  mapping.pid = kPid;
  mapping.address = address;
  mapping.size = bytes.size();
  mapping.image = writer.add_image(bytes);
  mapping.name = "//bench";
  writer.add_code_mapping(mapping);
}

void add_records(formats::TraceWriter& writer) {
  std::vector<uint8_t> out;
  formats::IntelPtInfo info;
  info.pmu_type = 8;
  abi::perf_event_attr attr = {};
  attr.type = 8;
  attr.config = info.tsc_bit;
  formats::append_header_attr(out, attr, std::array{uint64_t{1}});
  formats::append_auxtrace_info(out, info);
  formats::RecordBuilder builder;
  builder.append(out, formats::ItraceStartRecord{kPid, kPid});
  formats::Bytes rest = out;
  while (!rest.empty()) {
    const auto size = formats::parse_record_header(rest).size;
    writer.add_record(rest.first(size));
    rest = rest.subspan(size);
  }
  add_code(writer, kBase, kLoop);
  add_code(writer, kBase + 0x40, kFunction);
}

// Gives the encoder a new buffer when it needs one.
class Stream {
 public:
  explicit Stream(formats::TraceWriter& writer)
      : writer_(writer), encoder_({.psb_period_bytes = 1 << 14}) {
    encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
  }

  pt::FlowEncoder& encoder() { return encoder_; }

  void maintain(uint64_t ip, uint64_t tsc) {
    if (!encoder_.due()) return;
    if (encoder_.full()) flush();
    encoder_.maintain(ip, tsc);
  }

  void flush() {
    formats::AuxChunk chunk;
    chunk.tid = kPid;
    chunk.offset = encoder_.position() - encoder_.buffered();
    chunk.data1 = {buffer_.data(), encoder_.buffered()};
    writer_.add_aux(chunk);
    encoder_.set_buffer(buffer_.data(), buffer_.data() + buffer_.size());
  }

 private:
  formats::TraceWriter& writer_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(1 << 16);
  pt::FlowEncoder encoder_;
};

// One round through the loop; the number of its branches.
unsigned round(pt::FlowEncoder& encoder, uint64_t random) {
  encoder.call(kBase + 0x05);
  encoder.cond((random & 1) != 0);
  encoder.ret(kBase + 0x05);
  const bool equal = (random & 6) == 0;
  encoder.cond(equal);
  const bool again = (random & 0x3f8) != 0;
  encoder.cond(again);
  if (!again) encoder.indirect(kBase);
  return 5 + (equal ? 0 : 1) + (again ? 0 : 1);
}

void write_stream(formats::TraceWriter& writer, uint64_t branches) {
  Stream stream(writer);
  pt::FlowEncoder& encoder = stream.encoder();
  uint64_t random = 1;
  uint64_t tsc = 1'000'000;
  stream.maintain(kBase, tsc);
  encoder.enable(kBase, tsc);
  for (uint64_t done = 0; done < branches; ++tsc) {
    random = random * 6364136223846793005 + 1442695040888963407;
    done += round(encoder, random >> 33);
    stream.maintain(kBase, tsc);
  }
  encoder.async_disable(kBase);
  stream.flush();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  formats::TraceWriter writer(dup(STDOUT_FILENO), "stdout", {});
  add_records(writer);
  write_stream(writer, std::strtoull(argv[1], nullptr, 10));
  writer.finish();
}
