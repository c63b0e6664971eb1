// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/threads/cpu_trace.h"

#include <fcntl.h>

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <sstream>

#include "formats/perf/auxtrace_info.h"
#include "formats/perf/record_builder.h"
#include "formats/pt/flow_encoder.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::decode {

namespace {

constexpr uint32_t kPmuType = 8;
constexpr uint64_t kTraceId = 1;
constexpr uint64_t kSidebandId = 2;
constexpr uint64_t kTscBit = 1 << 10;
constexpr uint64_t kSampleType =
    abi::bits(abi::SampleType::kTid) | abi::bits(abi::SampleType::kTime) |
    abi::bits(abi::SampleType::kId) | abi::bits(abi::SampleType::kCpu) |
    abi::bits(abi::SampleType::kIdentifier);

// ---------------------------------------------------------------- programs

enum class Op : uint8_t { kNop, kJcc, kCallReg, kJmp, kRet, kSyscall };

struct Insn {
  Op op = Op::kNop;
  uint8_t size = 1;
  uint64_t target = 0;
};

struct Program {
  uint32_t pid = 0;
  std::vector<uint8_t> bytes;  // at kCode
  std::map<uint64_t, Insn> insns;
  std::vector<uint64_t> functions;  // that call *rax reaches
};

constexpr uint64_t kCode = 0x401000;

class Assembler {
 public:
  explicit Assembler(uint32_t pid) { program_.pid = pid; }

  uint64_t here() const { return kCode + program_.bytes.size(); }
  void nop() { put({Op::kNop, 1, 0}, {0x90}); }
  void call_reg() { put({Op::kCallReg, 2, 0}, {0xff, 0xd0}); }
  void ret() { put({Op::kRet, 1, 0}, {0xc3}); }
  void syscall() { put({Op::kSyscall, 2, 0}, {0x0f, 0x05}); }
  void jcc_over(unsigned nops) {
    put({Op::kJcc, 2, here() + 2 + nops}, {0x74, static_cast<uint8_t>(nops)});
    for (unsigned i = 0; i < nops; ++i) nop();
  }
  void jmp(uint64_t target) {
    put({Op::kJmp, 2, target},
        {0xeb, static_cast<uint8_t>(target - (here() + 2))});
  }
  void function() { program_.functions.push_back(here()); }
  Program take() { return std::move(program_); }

 private:
  void put(const Insn& insn, std::initializer_list<uint8_t> bytes) {
    program_.insns[here()] = insn;
    program_.bytes.insert(program_.bytes.end(), bytes);
  }
  Program program_;
};

// The same shape with other sizes, so that each program's packets make sense
// of no other's code.
Program make_program(uint32_t pid, unsigned variant) {
  Assembler code(pid);
  for (unsigned i = 0; i < variant; ++i) code.nop();
  code.jcc_over(1 + variant);
  code.call_reg();
  if (variant % 2 == 1) code.jcc_over(2);
  code.syscall();
  code.jmp(kCode);
  code.function();
  code.jcc_over(3 - variant % 3);
  code.ret();
  code.function();
  for (unsigned i = 0; i <= variant; ++i) code.jcc_over(1);
  code.ret();
  return code.take();
}

// -------------------------------------------------------------- simulation

std::string row(std::optional<uint64_t> from, std::optional<uint64_t> to,
                const char* kind, const char* cause = "") {
  std::ostringstream text;
  text << std::hex;
  if (from) text << *from;
  text << '\t';
  if (to) text << *to;
  text << '\t' << kind << '\t' << cause;
  return text.str();
}

struct Thread {
  const Program* program = nullptr;
  uint32_t tid = 0;
  uint64_t pc = kCode;
  std::vector<uint64_t> stack;
};

struct Cpu {
  static constexpr size_t kBuffer = 8 << 20;

  explicit Cpu(uint32_t cpu_number) : number(cpu_number), bytes(kBuffer) {
    pt::FlowEncoderOptions options;
    options.psb_period_bytes = 256;
    encoder = std::make_unique<pt::FlowEncoder>(options);
    encoder->set_buffer(bytes.data(), bytes.data() + bytes.size());
  }
  uint32_t number;
  std::vector<uint8_t> bytes;
  std::unique_ptr<pt::FlowEncoder> encoder;
  Thread* running = nullptr;
  uint64_t slice_begin = 0;  // offset
};

class Simulation {
 public:
  explicit Simulation(const CpuTraceOptions& options)
      : options_(options), random_(options.seed) {
    for (unsigned i = 0; i < 3; ++i) {
      programs_.push_back(make_program(100 + i, i));
    }
    for (const uint32_t tid : {100u, 101u, 102u, 200u}) {
      Thread& thread = threads_.emplace_back();
      thread.tid = tid;
      thread.program = &programs_[tid == 200 ? 0 : tid - 100];
      ready_.push_back(&thread);
    }
    for (unsigned i = 0; i < options.cpus; ++i) cpus_.emplace_back(i);
    format_.sample_type = kSampleType;
    format_.sample_id_all = true;
    format_.update();
  }

  CpuTrace run(formats::TraceWriter& writer) {
    write_head(writer);
    trace_.first_ns = now_;
    for (unsigned i = 0; i < options_.steps; ++i) {
      Cpu& cpu = cpus_[random_() % cpus_.size()];
      if (cpu.running == nullptr) {
        switch_in(cpu);
      } else if (random_() % 8 == 0) {
        switch_out(cpu, /*by_syscall=*/false);
      } else {
        execute(cpu, random_() % 20);
      }
    }
    for (Cpu& cpu : cpus_) {
      if (cpu.running != nullptr) switch_out(cpu, /*by_syscall=*/false);
    }
    trace_.last_ns = now_;
    add_records(writer, records_);
    for (Cpu& cpu : cpus_) write_aux(writer, cpu);
    writer.finish();
    return std::move(trace_);
  }

 private:
  void emit(const Cpu& cpu, const std::string& text) {
    const Thread& thread = *cpu.running;
    std::ostringstream line;
    line << thread.program->pid << '\t' << thread.tid << '\t' << cpu.number
         << '\t' << text;
    trace_.rows[thread.tid].push_back(line.str());
  }

  void execute(Cpu& cpu, unsigned count) {
    for (unsigned i = 0; i < count && cpu.running != nullptr; ++i) step(cpu);
  }

  void step(Cpu& cpu) {
    Thread& thread = *cpu.running;
    pt::FlowEncoder& encoder = *cpu.encoder;
    const uint64_t ip = thread.pc;
    const Insn insn = thread.program->insns.at(ip);
    uint64_t next = ip + insn.size;
    now_ += 1 + random_() % 3;
    switch (insn.op) {
      case Op::kNop:
        break;
      case Op::kJcc: {
        const bool taken = random_() % 2 == 0;
        encoder.cond(taken);
        if (taken) {
          emit(cpu, row(ip, insn.target, "jcc"));
          next = insn.target;
        }
        break;
      }
      case Op::kCallReg: {
        const auto& functions = thread.program->functions;
        const uint64_t to = functions[random_() % functions.size()];
        thread.stack.push_back(next);
        encoder.call(next);
        encoder.indirect(to);
        emit(cpu, row(ip, to, "icall"));
        next = to;
        break;
      }
      case Op::kJmp:
        emit(cpu, row(ip, insn.target, "jmp"));
        next = insn.target;
        break;
      case Op::kRet:
        next = thread.stack.back();
        thread.stack.pop_back();
        encoder.ret(next);
        emit(cpu, row(ip, next, "ret"));
        break;
      case Op::kSyscall:
        emit(cpu, row(ip, {}, "off", "syscall"));
        encoder.disable();
        thread.pc = next;
        if (random_() % 3 == 0) return leave(cpu);
        now_ += 20;
        enter(cpu);
        return;
    }
    thread.pc = next;
    if (encoder.due()) encoder.maintain(next, now_);
  }

  void enter(Cpu& cpu) {
    emit(cpu, row({}, cpu.running->pc, "on"));
    cpu.encoder->enable(cpu.running->pc, now_);
    if (cpu.encoder->due()) cpu.encoder->maintain(cpu.running->pc, now_);
  }

  void switch_in(Cpu& cpu) {
    if (ready_.empty()) return;
    const size_t pick = random_() % ready_.size();
    Thread* thread = ready_[pick];
    ready_.erase(ready_.begin() + static_cast<long>(pick));
    now_ += 10;
    if (options_.source == SwitchSource::kCpuWide) {
      add_wide(cpu, 0, 0, thread->program->pid, thread->tid);
    } else if (options_.source == SwitchSource::kTracepoint) {
      add_tracepoint(cpu, 0, 0, thread->tid);
    }
    cpu.running = thread;
    now_ += 3;
    const uint64_t tracing = now_;
    if (options_.source == SwitchSource::kTask) {
      now_ += 7;
      add(cpu, formats::SwitchRecord{}, thread->program->pid, thread->tid, 0);
      now_ = tracing;
    }
    enter(cpu);
    now_ += 30;
  }

  void switch_out(Cpu& cpu, bool by_syscall) {
    if (!by_syscall) {
      emit(cpu, row(cpu.running->pc, {}, "off", "async"));
      cpu.encoder->async_disable(cpu.running->pc);
    }
    leave(cpu);
  }

  void leave(Cpu& cpu) {
    Thread& thread = *cpu.running;
    const uint32_t pid = thread.program->pid;
    now_ += 15;
    switch (options_.source) {
      case SwitchSource::kCpuWide:
        add_wide(cpu, pid, thread.tid, 0, 0);
        break;
      case SwitchSource::kTask:
        add(cpu, formats::SwitchRecord{}, pid, thread.tid,
            abi::bits(abi::RecordMisc::kSwitchOut));
        break;
      case SwitchSource::kTracepoint:
        add_tracepoint(cpu, pid, thread.tid, 0);
        break;
      case SwitchSource::kAuxRecords: {
        const uint64_t end = cpu.encoder->position();
        add(cpu, formats::AuxRecord{cpu.slice_begin, end - cpu.slice_begin, 0},
            pid, thread.tid, 0);
        cpu.slice_begin = end;
        break;
      }
    }
    now_ += 5;
    ready_.push_back(&thread);
    cpu.running = nullptr;
  }

  void add_wide(const Cpu& cpu, uint32_t prev_pid, uint32_t prev_tid,
                uint32_t next_pid, uint32_t next_tid) {
    add(cpu, formats::SwitchCpuWideRecord{next_pid, next_tid}, prev_pid,
        prev_tid, abi::bits(abi::RecordMisc::kSwitchOut));
    now_ += 2;
    add(cpu, formats::SwitchCpuWideRecord{prev_pid, prev_tid}, next_pid,
        next_tid, 0);
  }

  // As the kernel's format of sched:sched_switch has it.
  void add_tracepoint(const Cpu& cpu, uint32_t pid, uint32_t tid,
                      uint32_t next_tid) {
    std::vector<uint8_t> raw(64);
    auto put = [&](size_t at, uint32_t value) {
      for (size_t i = 0; i < 4; ++i) {
        raw[at + i] = static_cast<uint8_t>(value >> (8 * i));
      }
    };
    put(24, tid);
    put(56, next_tid);
    formats::Sample sample;
    sample.pid = pid;
    sample.tid = tid;
    sample.time = now_;
    sample.cpu = cpu.number;
    sample.id = sample.identifier = kSidebandId;
    sample.raw = raw;
    formats::RecordFormat format = format_;
    format.sample_type |= abi::bits(abi::SampleType::kRaw);
    format.update();
    formats::RecordBuilder(format).append(records_, sample, {}, 0);
  }

  template <typename Body>
  void add(const Cpu& cpu, const Body& body, uint32_t pid, uint32_t tid,
           uint16_t misc) {
    formats::SampleId id;
    id.pid = pid;
    id.tid = tid;
    id.time = now_;
    id.cpu = cpu.number;
    id.id = kSidebandId;
    formats::RecordBuilder(format_).append(records_, body, id, misc);
  }

  void write_head(formats::TraceWriter& writer) {
    const bool tracepoint = options_.source == SwitchSource::kTracepoint;
    const bool of_tasks = options_.source == SwitchSource::kTask ||
                          options_.source == SwitchSource::kAuxRecords;
    abi::perf_event_attr attr = {};
    attr.type = kPmuType;
    attr.config = 1 | kTscBit;
    attr.sample_type = kSampleType;
    attr.sample_id_all = 1;
    std::vector<uint8_t> head;
    formats::append_header_attr(head, attr, std::vector<uint64_t>{kTraceId});
    attr.type = abi::bits(tracepoint ? abi::TypeId::kTracepoint
                                     : abi::TypeId::kSoftware);
    attr.config = abi::bits(abi::SoftwareEvent::kDummy);
    if (tracepoint) attr.sample_type |= abi::bits(abi::SampleType::kRaw);
    attr.context_switch = tracepoint ? 0 : 1;
    formats::append_header_attr(head, attr, std::vector<uint64_t>{kSidebandId});
    formats::IntelPtInfo info;
    info.pmu_type = kPmuType;
    info.per_cpu_mmaps = 1;
    info.have_sched_switch = tracepoint ? 1 : 2;
    formats::append_auxtrace_info(head, info);
    const uint64_t tid = of_tasks ? 100 : ~0ull;
    formats::append_id_index(
        head, std::vector<formats::IdIndexEntry>{
                  {kTraceId, 0, ~0ull, tid}, {kSidebandId, 0, ~0ull, ~0ull}});
    for (const Thread& thread : threads_) {
      formats::SampleId id;
      id.id = kSidebandId;
      formats::RecordBuilder(format_).append(
          head,
          formats::CommRecord{thread.program->pid, thread.tid, "simulated"}, id,
          0);
    }
    add_records(writer, head);
    for (const Program& program : programs_) {
      formats::CodeMapping mapping;
      mapping.pid = program.pid;
      mapping.address = kCode;
      mapping.size = program.bytes.size();
      mapping.image = writer.add_image(program.bytes);
      mapping.name = "program" + std::to_string(program.pid);
      writer.add_code_mapping(mapping);
    }
  }

  static void add_records(formats::TraceWriter& writer, formats::Bytes rest) {
    while (!rest.empty()) {
      const auto header = formats::parse_record_header(rest);
      writer.add_record(rest.first(header.size));
      rest = rest.subspan(header.size);
    }
  }

  void write_aux(formats::TraceWriter& writer, Cpu& cpu) {
    cpu.encoder->flush_tnt();
    const formats::Bytes all(cpu.bytes.data(), cpu.encoder->buffered());
    formats::AuxChunk chunk;
    chunk.idx = cpu.number;
    chunk.tid = ~0u;
    chunk.cpu = cpu.number;
    chunk.reference = now_;
    if (options_.lose_bytes && cpu.number == 0) {
      chunk.data1 = all.first(all.size() / 3);
      writer.add_aux(chunk);
      chunk.offset = all.size() / 2;
    }
    chunk.data1 = all.subspan(chunk.offset);
    writer.add_aux(chunk);
  }

  CpuTraceOptions options_;
  std::mt19937 random_;
  uint64_t now_ = 1'000'000;
  std::vector<Program> programs_;
  std::deque<Thread> threads_;
  std::deque<Thread*> ready_;
  std::deque<Cpu> cpus_;
  formats::RecordFormat format_;
  std::vector<uint8_t> records_;
  CpuTrace trace_;
};

}  // namespace

CpuTrace write_cpu_trace(const std::string& path,
                         const CpuTraceOptions& options) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  formats::TraceWriter writer(fd, path, {.frame_size_bytes = 4096});
  return Simulation(options).run(writer);
}

}  // namespace ptcap::decode
