// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Code that is in no file: that of a JIT by its dump, and the kernel's, which
// every process has and which changes.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "decode/cli/command.h"
#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/packet_writer.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::decode {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uint32_t kPmuType = 8;
constexpr uint32_t kPid = 7;
constexpr uint64_t kId = 1;

class OtherCode : public testing::Test {
 protected:
  OtherCode()
      : folder_(std::filesystem::temp_directory_path() /
                ("jit_trace." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    format_.sample_type =
        abi::bits(abi::SampleType::kTid) | abi::bits(abi::SampleType::kTime) |
        abi::bits(abi::SampleType::kId) | abi::bits(abi::SampleType::kCpu) |
        abi::bits(abi::SampleType::kIdentifier);
    format_.sample_id_all = true;
    format_.update();
    write_head();
  }
  ~OtherCode() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  void add(const formats::RecordBody& body, uint64_t time, uint16_t misc = 2) {
    formats::SampleId id;
    id.pid = id.tid = kPid;
    id.time = time;
    id.cpu = 0;
    id.id = kId;
    formats::RecordBuilder(format_).append(records_, body, id, misc);
  }
  void map(uint64_t address, uint64_t size, const std::string& name,
           uint64_t time) {
    formats::Mmap2Record body;
    body.pid = body.tid = kPid;
    body.address = address;
    body.length = size;
    body.protection = PROT_READ | PROT_EXEC;
    body.flags = MAP_PRIVATE;
    body.filename = name;
    add(body, time);
  }

  // Packets.
  template <typename Write>
  void put(Write write) {
    uint8_t room[2 * pt::kMaxWriteSize];
    aux_.insert(aux_.end(), room, write(room));
  }
  void ip(pt::IpPacket kind, uint64_t address) {
    put([&](uint8_t* out) {
      return pt::put_ip(out, kind, pt::IpCompression::kFull, address);
    });
  }
  void psb(uint64_t tsc, uint64_t address) {
    put(pt::put_psb);
    put([&](uint8_t* out) { return pt::put_tsc(out, tsc); });
    put([](uint8_t* out) { return pt::put_mode_exec(out, pt::kModeExec64); });
    ip(pt::IpPacket::kFup, address);
    put(pt::put_psbend);
  }
  void tip(uint64_t address) { ip(pt::IpPacket::kTip, address); }

  // What the trace holds itself.
  struct Code {
    uint32_t pid = kPid;
    uint64_t address = 0;
    std::vector<uint8_t> bytes;
  };
  std::vector<std::string> rows(const char* command,
                                const std::vector<Code>& code = {}) {
    write(code);
    const std::string out = path("rows");
    EXPECT_EQ(ptdec_main({command, path("t.ptz"), "--format", "tsv", "--force",
                          "-o", out}),
              kExitOk);
    std::ifstream file(out);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    lines.erase(lines.begin());
    return lines;
  }

 private:
  void write_head() {
    abi::perf_event_attr attr = {};
    attr.type = kPmuType;
    attr.config = 1 | 1 << 10;  // pt, tsc
    attr.sample_type = format_.sample_type;
    attr.sample_id_all = 1;
    formats::append_header_attr(records_, attr, std::vector<uint64_t>{kId});
    formats::IntelPtInfo info;
    info.pmu_type = kPmuType;
    formats::append_auxtrace_info(records_, info);
    formats::append_id_index(
        records_, std::vector<formats::IdIndexEntry>{{kId, 0, ~0ull, kPid}});
    add(formats::CommRecord{kPid, kPid, "jit"}, 0);
  }

  void write(const std::vector<Code>& code) {
    const int fd = ::open(path("t.ptz").c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    formats::TraceWriter writer(fd, path("t.ptz"), {});
    for (formats::Bytes rest = records_; !rest.empty();) {
      const auto header = formats::parse_record_header(rest);
      writer.add_record(rest.first(header.size));
      rest = rest.subspan(header.size);
    }
    for (const Code& one : code) {
      formats::CodeMapping mapping;
      mapping.pid = one.pid;
      mapping.address = one.address;
      mapping.size = one.bytes.size();
      mapping.image = writer.add_image(one.bytes);
      mapping.name = "code";
      writer.add_code_mapping(mapping);
    }
    formats::AuxChunk chunk;
    chunk.tid = kPid;
    chunk.cpu = ~0u;
    chunk.data1 = aux_;
    writer.add_aux(chunk);
    writer.finish();
  }

  std::filesystem::path folder_;
  formats::RecordFormat format_;
  std::vector<uint8_t> records_;
  std::vector<uint8_t> aux_;
};

// ------------------------------------------------------------------- JITs

constexpr uint64_t kJit = 0x7000000;
constexpr uint64_t kCallee = kJit + 0x100;

class JitTrace : public OtherCode {
 protected:
  void load(uint64_t time, uint64_t address, const std::string& name,
            const std::vector<uint8_t>& code) {
    formats::Buffer body;
    formats::ByteWriter out(body);
    out.u32(kPid);
    out.u32(kPid);
    out.u64(address);
    out.u64(address);
    out.u64(code.size());
    out.u64(0);
    body.insert(body.end(), name.begin(), name.end());
    out.u8(0);
    out.bytes(code);
    formats::ByteWriter record(dump_);
    record.u32(0);
    record.u32(static_cast<uint32_t>(16 + body.size()));
    record.u64(time);
    record.bytes(body);
  }
  void write_dump() {
    formats::Buffer bytes;
    formats::ByteWriter out(bytes);
    for (const uint32_t word : {0x4A695444u, 1u, 40u, 62u, 0u, kPid}) {
      out.u32(word);
    }
    out.u64(1);
    out.u64(0);
    out.bytes(dump_);
    std::ofstream(path("jit-7.dump"))
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

  // A loop that calls; what it calls is made anew at 5000.
  void run_loop() {
    map(kJit, 0x1000, "//anon", 500);
    map(0x900000, 0x1000, path("jit-7.dump"), 600);
    load(1000, kJit, "caller", {0xff, 0xd0, 0xeb, 0xfc});  // call rax; jmp
    load(1001, kCallee, "callee", {0xc3});
    load(5000, kCallee, "callee_2", {0x90, 0xc3});
    write_dump();
    for (const uint64_t time : {2000, 6000}) {
      psb(time, kJit);
      tip(kCallee);
      tip(kJit + 2);
    }
    ip(pt::IpPacket::kFup, kJit);
    put([](uint8_t* out) { return pt::put_bytes(out, 0x01, 1); });  // PGD
  }

  formats::Buffer dump_;
};

TEST_F(JitTrace, ItsDumpHasTheCodeThatRan) {
  run_loop();
  EXPECT_THAT(rows("blocks"),
              ElementsAre(StartsWith("7\t7\t\t2000\t7000000\t7000002\t1"),
                          StartsWith("7\t7\t\t2000\t7000100\t7000101\t1"),
                          StartsWith("7\t7\t\t2000\t7000002\t7000004\t1"),
                          StartsWith("7\t7\t\t6000\t7000000\t7000002\t1"),
                          StartsWith("7\t7\t\t6000\t7000100\t7000102\t2"),
                          StartsWith("7\t7\t\t6000\t7000002\t7000004\t1")));
}

TEST_F(JitTrace, ItsDumpHasTheNames) {
  run_loop();
  const auto functions = rows("functions");
  EXPECT_THAT(functions, Contains(StartsWith("jit-7.dump\tcaller\t4\t7\t")));
  EXPECT_THAT(functions, Contains(StartsWith("jit-7.dump\tcallee\t1\t1\t1\t")));
  EXPECT_THAT(functions,
              Contains(StartsWith("jit-7.dump\tcallee_2\t2\t2\t1\t")));
}

TEST_F(JitTrace, WithoutItsDumpThereIsAGapThatSaysSo) {
  run_loop();
  std::filesystem::remove(path("jit-7.dump"));
  testing::internal::CaptureStderr();
  const auto lines = rows("branches");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("jit-7.dump: No such file"));
  EXPECT_THAT(lines, Contains(HasSubstr("\tgap\tnocode")));
}

// ----------------------------------------------------------------- kernel

constexpr uint64_t kKernel = 0xffffffff81000000;
constexpr uint32_t kNoProcess = ~0u;

TEST_F(OtherCode, KernelCodeIsThatOfEveryProcess) {
  psb(2000, 0x1000);
  tip(kKernel);  // syscall
  tip(0x1002);   // sysret
  ip(pt::IpPacket::kFup, 0x1002);
  put([](uint8_t* out) { return pt::put_bytes(out, 0x01, 1); });
  const std::vector<Code> code = {
      {kPid, 0x1000, {0x0f, 0x05, 0x90}},
      {kNoProcess, kKernel, {0x90, 0x48, 0x0f, 0x07}}};
  EXPECT_THAT(rows("branches", code),
              ElementsAre(HasSubstr("\t\t1000\ton\t"),
                          HasSubstr("\t1000\tffffffff81000000\tsyscall\t"),
                          HasSubstr("\tffffffff81000001\t1002\tsysret\t"),
                          HasSubstr("\t1002\t\toff\tasync")));
}

// A jump that the kernel turns into a nop at 4000 and back at 8000; its image
// was read when it was a nop.
TEST_F(OtherCode, TextPokesChangeKernelCodeAtTheirTime) {
  const std::vector<uint8_t> jump = {0xeb, 0x02}, nop = {0x66, 0x90};
  for (const auto& [time, from, to] :
       {std::tuple(4000, &jump, &nop), std::tuple(8000, &nop, &jump)}) {
    add(formats::TextPokeRecord{kKernel, formats::Bytes(*from),
                                formats::Bytes(*to)},
        static_cast<uint64_t>(time), 1);
  }
  for (const uint64_t time : {2000, 6000, 9000}) {
    psb(time, kKernel);
    tip(kKernel);  // jmp rax
  }
  ip(pt::IpPacket::kFup, kKernel);
  put([](uint8_t* out) { return pt::put_bytes(out, 0x01, 1); });
  // nop (or jump 4); nop; nop; jmp rax
  const std::vector<Code> code = {
      {kNoProcess, kKernel, {0x66, 0x90, 0x90, 0x90, 0xff, 0xe0}}};
  EXPECT_THAT(
      rows("blocks", code),
      ElementsAre(HasSubstr("\t2000\tffffffff81000000\tffffffff81000002\t1"),
                  HasSubstr("\t2000\tffffffff81000004\tffffffff81000006\t1"),
                  HasSubstr("\t6000\tffffffff81000000\tffffffff81000006\t4"),
                  HasSubstr("\t9000\tffffffff81000000\tffffffff81000002\t1"),
                  HasSubstr("\t9000\tffffffff81000004\tffffffff81000006\t1")));
}

TEST_F(OtherCode, KernelFunctionsThatComeHaveTheirNames) {
  formats::KsymbolRecord symbol;
  symbol.address = kKernel;
  symbol.length = 0x100;
  symbol.type = 1;  // BPF
  symbol.name = "bpf_prog_abc";
  add(symbol, 100, 1);
  psb(2000, kKernel);
  tip(kKernel);  // jmp rax
  ip(pt::IpPacket::kFup, kKernel);
  put([](uint8_t* out) { return pt::put_bytes(out, 0x01, 1); });
  const std::vector<Code> code = {{kNoProcess, kKernel, {0x90, 0xff, 0xe0}}};
  EXPECT_THAT(rows("functions", code),
              ElementsAre(StartsWith("[kernel]\tbpf_prog_abc\t2\t")));
}

}  // namespace
}  // namespace ptcap::decode
