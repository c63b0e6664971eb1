// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec events: what a trace says beside the branches.

#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/cli/row_printer.h"
#include "decode/events.h"

namespace ptcap::decode {

namespace {

struct EventRow {
  uint64_t time = 0;
  uint64_t offset = 0;
  uint64_t from = 0;
  uint64_t to = 0;
  uint32_t slice = 0;
  bool has_from = false;
  bool has_to = false;
  FlowCause cause = FlowCause::kNone;
  StreamEvent event;
};

const char* flow_name(FlowKind kind) {
  switch (kind) {
    case FlowKind::kOn:
      return "enabled";
    case FlowKind::kOff:
      return "disabled";
    case FlowKind::kAsync:
      return "async";
    case FlowKind::kGap:
      return "gap";
    case FlowKind::kTxAbort:
      return "tx-abort-branch";
    case FlowKind::kBlock:
    case FlowKind::kMode:
    case FlowKind::kOther:
      break;
  }
  return "";
}

class EventSource : public RowSource<EventRow> {
 public:
  EventSource(RowRun& run, const StreamParts& parts)
      : pull_(run.trace, parts, run.gaps, &log_) {}

  bool next(std::vector<EventRow>& rows) override {
    rows.clear();
    while (rows.empty()) {
      const FlowBatch& batch = pull_.next();
      if (batch.empty()) return false;
      for (const FlowItem& item : batch) {
        if (item.kind != FlowKind::kBlock) rows.push_back(row(item));
      }
    }
    return true;
  }

 private:
  EventRow row(const FlowItem& item) {
    EventRow row;
    row.time = item.time;
    row.offset = item.offset;
    row.slice = item.slice;
    row.has_from = item.has_from;
    row.from = item.from;
    row.has_to = item.has_to && item.kind != FlowKind::kOff;
    row.to = row.has_to ? item.to : 0;
    row.cause = item.cause;
    if (item.kind == FlowKind::kOther) {
      row.event = log_.take(item.detail);
    } else {
      row.event.name = flow_name(item.kind);
    }
    return row;
  }

  EventLog log_;
  FlowPull pull_;
};

bool passes(const NameFilter& filter, const TraceStream& stream,
            const EventRow& row) {
  return (row.has_from && filter.passes(stream, row.from, row.time)) ||
         (row.has_to && filter.passes(stream, row.to, row.time));
}

class EventPrinter {
 public:
  EventPrinter(Format format, Output& out, Names& names)
      : format_(format), out_(out), names_(names), columns_(format) {}

  void header() {
    if (format_ == Format::kTsv) {
      out_.write(
          "#pid\ttid\tcpu\ttime_ns\toffset\tevent\tip\tto\tcause\tdetail\n");
    }
  }

  void row(const TraceStream& stream, const EventRow& row) {
    out_.room();
    switch (format_) {
      case Format::kTsv:
        return tsv(stream, row);
      case Format::kJson:
        return json(stream, row);
      case Format::kText:
        return text(stream, row);
    }
  }

 private:
  void tsv(const TraceStream& stream, const EventRow& row) {
    out_.put(columns_.of(stream));
    put_time_column(out_, row.time);
    out_.put_dec(row.offset);
    out_.put('\t');
    out_.put(row.event.name);
    out_.put('\t');
    if (row.has_from) out_.put_hex(row.from);
    out_.put('\t');
    if (row.has_to) out_.put_hex(row.to);
    out_.put('\t');
    out_.put(flow_cause_name(row.cause));
    out_.put('\t');
    put_fields(row.event, " ");
    out_.put('\n');
  }

  void json(const TraceStream& stream, const EventRow& row) {
    begin_json(out_, columns_.of(stream), row.time);
    put_json_number(out_, "offset", row.offset, true);
    out_.put(",\"event\":\"");
    out_.put(row.event.name);
    out_.put('"');
    put_json_address(out_, "ip", row.from, row.has_from);
    put_json_address(out_, "to", row.to, row.has_to);
    if (row.cause != FlowCause::kNone) {
      out_.put(",\"cause\":\"");
      out_.put(flow_cause_name(row.cause));
      out_.put('"');
    }
    for (const StreamEvent::Field& field : row.event.fields) {
      if (field.name == nullptr) break;
      if (field.hex) {
        put_json_address(out_, field.name, field.value, true);
      } else {
        put_json_number(out_, field.name, field.value, true);
      }
    }
    out_.put("}\n");
  }

  void text(const TraceStream& stream, const EventRow& row) {
    constexpr std::string_view kBlanks = "                ";
    out_.put(columns_.of(stream));
    put_time_text(out_, row.time);
    const std::string_view name = row.event.name;
    out_.put(name);
    out_.put(kBlanks.substr(std::min(name.size(), kBlanks.size() - 1)));
    if (row.has_from)
      put_place(out_, names_.at(stream, row.from, row.time), row.from);
    if (row.has_to) {
      out_.room();
      out_.put(row.has_from ? " -> " : "-> ");
      put_place(out_, names_.at(stream, row.to, row.time), row.to);
    }
    out_.room();
    if (row.cause != FlowCause::kNone) {
      out_.put("  [");
      out_.put(flow_cause_name(row.cause));
      out_.put(']');
    }
    if (row.event.fields[0].name != nullptr) out_.put("  ");
    put_fields(row.event, "  ");
    out_.put('\n');
  }

  // "payload=12ab size=8"
  void put_fields(const StreamEvent& event, std::string_view separator) {
    std::string_view before;
    for (const StreamEvent::Field& field : event.fields) {
      if (field.name == nullptr) return;
      out_.put(before);
      before = separator;
      out_.put(field.name);
      out_.put('=');
      if (field.hex) {
        out_.put_hex(field.value);
      } else {
        out_.put_dec(field.value);
      }
    }
  }

  Format format_;
  Output& out_;
  Names& names_;
  StreamColumns columns_;
};

}  // namespace

int run_events(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  return run_rows<EventRow>(
      run,
      [&](const StreamParts& parts) {
        return std::make_unique<EventSource>(run, parts);
      },
      EventPrinter(line.format, run.out, run.names));
}

}  // namespace ptcap::decode
