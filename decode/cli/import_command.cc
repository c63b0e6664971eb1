// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec import: a .ptz of raw PT bytes and code, or of another trace.

#include <algorithm>
#include <array>
#include <iterator>

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/row_command.h"
#include "decode/cli/trace_output.h"
#include "decode/import_code.h"
#include "decode/trace.h"
#include "formats/perf/header_feature.h"
#include "formats/perf/record_builder.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::decode {

namespace {

using formats::TraceWriter;

constexpr uint32_t kPmuType = 8;  // any number will do
constexpr uint64_t kPtId = 1;
constexpr uint64_t kSidebandId = 2;

// Splits what one builder call made into its records.
void add_records(TraceWriter& writer, const std::vector<uint8_t>& bytes) {
  formats::Bytes rest = bytes;
  while (!rest.empty()) {
    const auto header = formats::parse_record_header(rest);
    writer.add_record(rest.first(header.size));
    rest = rest.subspan(header.size);
  }
}

std::vector<uint8_t> header_records(const CommandLine& line) {
  std::vector<uint8_t> out;
  abi::perf_event_attr attr = {};
  attr.type = kPmuType;
  formats::append_header_attr(out, attr, std::array{kPtId});
  attr.type = static_cast<uint32_t>(abi::TypeId::kSoftware);
  attr.config = static_cast<uint64_t>(abi::SoftwareEvent::kDummy);
  formats::append_header_attr(out, attr, std::array{kSidebandId});
  formats::append_id_index(
      out, std::array{formats::IdIndexEntry{kPtId, 0, ~0ull, ~0ull},
                      formats::IdIndexEntry{kSidebandId, 0, ~0ull, ~0ull}});
  // Their time is in no clock that we know.
  if (line.bts_file.empty()) {
    formats::IntelPtInfo info;
    info.pmu_type = kPmuType;
    info.cap_user_time_zero = 0;
    formats::append_auxtrace_info(out, info);
  } else {
    formats::IntelBtsInfo info;
    info.pmu_type = kPmuType;
    info.cap_user_time_zero = 0;
    formats::append_auxtrace_info(out, info);
  }
  const char* arch = "x86_64";
  if (line.mode == "32") arch = "i686";
  if (line.mode == "16") arch = "i8086";
  formats::append_string_feature(out, formats::HeaderFeature::kArch, arch);
  if (line.cpu_model.empty()) return out;
  std::string cpuid = "GenuineIntel," + line.cpu_model;
  std::replace(cpuid.begin(), cpuid.end(), '/', ',');
  if (!parse_cpuid(cpuid)) {
    throw UsageError("--cpu " + line.cpu_model + ": not FAMILY/MODEL/STEPPING");
  }
  formats::append_string_feature(out, formats::HeaderFeature::kCpuId, cpuid);
  return out;
}

std::vector<ImportedCode> read_code(const CommandLine& line) {
  std::vector<ImportedCode> all;
  auto append = [&](std::vector<ImportedCode> some) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
  };
  for (const std::string& argument : line.raw) {
    all.push_back(read_raw_code(argument));
  }
  for (const std::string& argument : line.elf) append(read_elf_code(argument));
  for (const std::string& argument : line.pages) {
    append(read_page_code(argument));
  }
  return all;
}

void import_raw(const CommandLine& line) {
  if (!line.mode.empty() && line.mode != "16" && line.mode != "32" &&
      line.mode != "64") {
    throw UsageError("--mode " + line.mode + ": not one of 16, 32, 64");
  }
  const auto records = header_records(line);
  const auto code = read_code(line);
  const auto packets =
      read_whole_file(line.bts_file.empty() ? line.pt_file : line.bts_file);
  TraceWriter writer(open_trace_output(line), line.output,
                     {.creator = "ptdec import"});
  add_records(writer, records);
  for (const ImportedCode& part : code) {
    formats::CodeMapping mapping;
    mapping.pid = ~0u;
    mapping.address = part.address;
    mapping.size = part.bytes.size();
    mapping.image = writer.add_image(part.bytes);
    mapping.name = part.name;
    writer.add_code_mapping(mapping);
  }
  formats::AuxChunk chunk;
  chunk.tid = ~0u;
  chunk.data1 = packets;
  writer.add_aux(chunk);
  writer.finish();
}

void copy_streams(const formats::TraceReader& reader, TraceWriter& writer) {
  std::vector<uint8_t> bytes(1 << 20);
  for (const formats::AuxStream& stream : reader.aux_streams()) {
    for (const formats::AuxPiece& piece : stream.pieces) {
      formats::AuxChunk chunk{
          stream.idx,      stream.tid, stream.cpu, piece.offset,
          piece.reference, {},         {}};
      const uint64_t end = piece.offset + piece.size;
      while (chunk.offset < end) {
        const uint64_t size =
            reader.read_aux(stream, chunk.offset,
                            std::span(bytes).first(std::min<uint64_t>(
                                bytes.size(), end - chunk.offset)));
        if (size == 0) break;
        chunk.data1 = std::span(bytes).first(size);
        writer.add_aux(chunk);
        chunk.offset += size;
      }
    }
    writer.end_stream(stream.idx);
  }
}

// The code that the trace has, or that its files have on this machine.
void copy_code(Trace& trace, TraceWriter& writer) {
  const auto mappings = trace.reader().code_mappings();
  for (formats::CodeMapping mapping : mappings) {
    if (const auto image = trace.image(mapping.image)) {
      mapping.image = writer.add_image(*image);
      writer.add_code_mapping(mapping);
    }
  }
  if (!mappings.empty()) return;
  for (const ProcessEvent& event : trace.facts().events) {
    if (event.kind != ProcessEvent::Kind::kMap || event.kernel) continue;
    const auto bytes = trace.files().bytes(event.name, event.build_id,
                                           event.file_offset, event.size);
    if (bytes.empty()) continue;
    formats::CodeMapping mapping;
    mapping.pid = event.pid;
    mapping.time_ns = event.time_ns;
    mapping.address = event.address;
    mapping.size = bytes.size();
    mapping.image = writer.add_image(bytes);
    mapping.name = event.name;
    writer.add_code_mapping(mapping);
  }
}

void import_trace(const CommandLine& line, formats::Reporter& reporter) {
  Trace trace(line.traces.front(), trace_options(line), reporter);
  TraceWriter writer(open_trace_output(line), line.output,
                     {.creator = "ptdec import"});
  trace.reader().for_each_record(
      [&](formats::Bytes record, uint64_t) { writer.add_record(record); });
  copy_code(trace, writer);
  copy_streams(trace.reader(), writer);
  writer.finish();
}

}  // namespace

int run_import(const CommandLine& line, formats::Reporter& reporter) {
  if (line.output.empty()) throw UsageError("-o OUT is missing");
  if (line.pt_file.empty() && line.bts_file.empty()) {
    import_trace(line, reporter);
  } else if (!line.traces.empty() ||
             (!line.pt_file.empty() && !line.bts_file.empty())) {
    throw UsageError("a trace, --pt and --bts exclude each other");
  } else {
    import_raw(line);
  }
  return kExitOk;
}

}  // namespace ptcap::decode
