// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec info: what is known of a trace without decoding it.

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "decode/cli/command.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/symbols/escape.h"
#include "decode/trace.h"

namespace ptcap::decode {

namespace {

using Json = nlohmann::ordered_json;

const char* container_name(formats::Container container) {
  switch (container) {
    case formats::Container::kPtz:
      return "ptz";
    case formats::Container::kPerfPipe:
      return "perf.data pipe stream";
    case formats::Container::kPerfFile:
      return "perf.data file";
    case formats::Container::kPerfDirectory:
      return "perf.data directory";
  }
  return "";
}

const char* loss_name(formats::LossCause cause) {
  switch (cause) {
    case formats::LossCause::kAuxTruncated:
      return "aux_truncated";
    case formats::LossCause::kAuxOverwritten:
      return "aux_overwritten";
    case formats::LossCause::kRingLost:
      return "ring_lost";
    case formats::LossCause::kPtOverflow:
      return "pt_overflow";
    case formats::LossCause::kWriterStalled:
      return "writer_stalled";
    case formats::LossCause::kCutShort:
      return "cut_short";
    case formats::LossCause::kNotFollowed:
      return "not_followed";
  }
  return "";
}

template <typename T>
Json known(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// What a trace may hold is no UTF-8; what JSON may hold is.
Json text(const std::string& value) {
  if (value.empty()) return nullptr;
  return Json::parse(
      Json(value).dump(-1, ' ', false, Json::error_handler_t::replace));
}

uint64_t aux_bytes(const formats::AuxStream& stream) {
  uint64_t size = 0;
  for (const formats::AuxPiece& piece : stream.pieces) size += piece.size;
  return size;
}

Json streams_json(const Trace& trace) {
  Json all = Json::array();
  for (const TraceStream& stream : trace.streams()) {
    Json one;
    one["idx"] = stream.aux->idx;
    one["pid"] = known(stream.pid);
    one["tid"] = known(stream.tid);
    one["cpu"] = known(stream.cpu);
    const auto& threads = trace.facts().threads;
    const auto at = threads.find(stream.tid.value_or(~0u));
    one["comm"] = at == threads.end() ? Json(nullptr) : text(at->second.comm);
    one["aux_bytes"] = aux_bytes(*stream.aux);
    one["pieces"] = stream.aux->pieces.size();
    one["psbs"] = stream.aux->psbs.size();
    all.push_back(one);
  }
  return all;
}

Json images_json(const Trace& trace) {
  Json images;
  std::map<formats::ImageId, uint64_t> sizes;
  for (const auto& mapping : trace.reader().code_mappings()) {
    if (mapping.size == 0 || sizes.contains(mapping.image)) continue;
    sizes[mapping.image] = trace.reader().image_size(mapping.image).value_or(0);
  }
  uint64_t bytes = 0;
  for (const auto& [id, size] : sizes) bytes += size;
  images["count"] = sizes.size();
  images["bytes"] = bytes;
  images["mappings"] = trace.reader().code_mappings().size();
  return images;
}

Json ledger_json(const Trace& trace) {
  const auto ledger = trace.reader().ledger();
  if (!ledger) return nullptr;
  Json json;
  json["produced_bytes"] = ledger->produced_bytes;
  json["written_bytes"] = ledger->written_bytes;
  json["synthetic_bytes"] = ledger->synthetic_bytes;
  json["losses"] = Json::array();
  for (const formats::Loss& loss : ledger->losses) {
    Json one;
    one["cause"] = loss_name(loss.cause);
    auto id = [](uint32_t value) {
      return value == ~0u ? Json(nullptr) : Json(value);
    };
    one["idx"] = id(loss.idx);
    one["pid"] = id(loss.pid);
    one["tid"] = id(loss.tid);
    one["cpu"] = id(loss.cpu);
    one["aux_offset"] = loss.aux_offset;
    one["bytes"] = loss.bytes;
    one["begin_ns"] = loss.begin_ns;
    one["end_ns"] = loss.end_ns;
    one["detail"] = text(loss.detail);
    json["losses"].push_back(one);
  }
  return json;
}

Json info_json(const std::string& path, const Trace& trace) {
  const TraceFacts& facts = trace.facts();
  Json json;
  json["file"] = text(path);
  json["file_bytes"] = trace.reader().file_size_bytes();
  json["container"] = container_name(trace.reader().container());
  json["salvaged"] = trace.reader().salvaged();
  json["source"] = text(facts.source);
  json["host"] = text(facts.hostname);
  json["os_release"] = text(facts.os_release);
  json["arch"] = text(facts.arch);
  json["cpu"] = text(facts.cpu_description);
  json["cpuid"] = text(facts.cpuid);
  json["command_line"] = Json::array();
  for (const std::string& word : facts.command_line) {
    json["command_line"].push_back(text(word));
  }
  json["has_time"] = trace.has_time();
  json["first_ns"] = known(facts.first_ns);
  json["last_ns"] = known(facts.last_ns);
  json["lost_records"] = facts.lost_records;
  json["streams"] = streams_json(trace);
  json["images"] = images_json(trace);
  json["ledger"] = ledger_json(trace);
  return json;
}

std::string plain(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return escape_text(value.get<std::string>());
  return value.dump();
}

void put_line(Output& out, const char* name, const std::string& value) {
  char label[32];
  std::snprintf(label, sizeof(label), "%-12s ", name);
  out.write(label);
  out.write(value + "\n");
}

std::string shell_words(const Json& words) {
  std::string all;
  for (const Json& word : words) {
    if (!all.empty()) all += ' ';
    all += plain(word);
  }
  return all.empty() ? "-" : all;
}

std::string seconds(const Json& first, const Json& last) {
  if (first.is_null() || last.is_null()) return "-";
  char buffer[64];
  std::snprintf(
      buffer, sizeof(buffer), "%.6f s",
      static_cast<double>(last.get<uint64_t>() - first.get<uint64_t>()) / 1e9);
  return buffer;
}

void print_losses(Output& out, const Json& ledger) {
  if (ledger.is_null()) {
    put_line(out, "ledger", "none: the trace was cut short, or is perf's");
    return;
  }
  put_line(out, "ledger",
           plain(ledger["produced_bytes"]) + " bytes produced, " +
               plain(ledger["written_bytes"]) + " written, " +
               plain(ledger["synthetic_bytes"]) + " synthetic, " +
               std::to_string(ledger["losses"].size()) +
               (ledger["losses"].size() == 1 ? " loss" : " losses"));
  for (const Json& loss : ledger["losses"]) {
    out.write("  lost " + plain(loss["bytes"]) + " bytes: " +
              plain(loss["cause"]) + ", tid " + plain(loss["tid"]) + ", cpu " +
              plain(loss["cpu"]) + ", " + plain(loss["detail"]) + "\n");
  }
}

void print_text(Output& out, const Json& json) {
  put_line(out, "file",
           plain(json["file"]) + " (" + plain(json["container"]) + ", " +
               plain(json["file_bytes"]) + " bytes" +
               (json["salvaged"].get<bool>() ? ", salvaged)" : ")"));
  put_line(out, "command", shell_words(json["command_line"]));
  put_line(out, "host",
           plain(json["host"]) + ", " + plain(json["os_release"]) + ", " +
               plain(json["arch"]));
  put_line(out, "cpu", plain(json["cpu"]) + " (" + plain(json["cpuid"]) + ")");
  put_line(out, "source", plain(json["source"]));
  put_line(out, "time span", seconds(json["first_ns"], json["last_ns"]));
  const Json& images = json["images"];
  put_line(out, "code",
           plain(images["count"]) + " images, " + plain(images["bytes"]) +
               " bytes, " + plain(images["mappings"]) + " mappings");
  print_losses(out, json["ledger"]);
  put_line(out, "streams", std::to_string(json["streams"].size()));
  for (const Json& stream : json["streams"]) {
    out.write("  pid " + plain(stream["pid"]) + " tid " + plain(stream["tid"]) +
              " cpu " + plain(stream["cpu"]) + "  " + plain(stream["comm"]) +
              "  " + plain(stream["aux_bytes"]) + " bytes\n");
  }
}

void print_tsv(Output& out, const Json& json, const std::string& prefix) {
  for (const auto& [key, value] : json.items()) {
    std::string name = prefix;
    if (!name.empty()) name += '.';
    name += key;
    if (value.is_structured()) {
      print_tsv(out, value, name);
    } else {
      out.write(name + "\t" + (value.is_null() ? "" : plain(value)) + "\n");
    }
  }
}

}  // namespace

int run_info(const CommandLine& line, formats::Reporter& reporter) {
  Output out({line.output, line.force});
  bool salvaged = false;
  for (const std::string& path : line.traces) {
    const Trace trace(path, trace_options(line), reporter);
    const Json json = info_json(path, trace);
    salvaged |= trace.reader().salvaged();
    switch (line.format) {
      case Format::kText:
        print_text(out, json);
        break;
      case Format::kTsv:
        out.write("#name\tvalue\n");
        print_tsv(out, json, "");
        break;
      case Format::kJson:
        out.write(json.dump() + "\n");
        break;
    }
  }
  out.flush();
  return line.strict && salvaged ? kExitIncomplete : kExitOk;
}

}  // namespace ptcap::decode
