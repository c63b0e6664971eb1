// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec skim: what ran when, as a picture, or as rows.

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/cli/row_command.h"
#include "decode/cli/terminal.h"
#include "decode/skim/skim.h"

namespace ptcap::decode {

namespace {

using Json = nlohmann::ordered_json;

struct Share {
  uint32_t function = 0;
  uint64_t bytes = 0;
};

// Most first.
std::vector<Share> shares_of(const SkimCell& cell) {
  std::vector<Share> shares;
  for (const auto& [function, bytes] : cell.functions) {
    shares.push_back({function, bytes});
  }
  std::sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.function < b.function;
  });
  return shares;
}

std::string name_of(const Function& function) {
  return function.name.empty() ? "[unknown]" : function.name;
}

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

// 1.5 MB: three digits.
std::string scaled(double value, const char* unit, double step,
                   std::initializer_list<const char*> prefixes) {
  auto prefix = prefixes.begin();
  while (value >= 999.5 && prefix + 1 != prefixes.end()) {
    value /= step;
    ++prefix;
  }
  const char* const pattern = value >= 99.5 || prefix == prefixes.begin()
                                  ? "%.0f "
                              : value >= 9.95 ? "%.1f "
                                              : "%.2f ";
  return format(pattern, value) + *prefix + unit;
}

std::string bytes_text(uint64_t bytes) {
  return scaled(static_cast<double>(bytes), "B", 1000, {"", "k", "M", "G"});
}

std::string time_text(uint64_t ns) {
  return scaled(static_cast<double>(ns), "s", 1000, {"n", "u", "m", ""});
}

// ------------------------------------------------------------------- rows

class SkimRows {
 public:
  SkimRows(const Skim& skim, const SeenFunctions& seen, Output& out)
      : skim_(skim), functions_(seen.functions()), out_(out) {}

  void tsv() {
    out_.write(
        "#pid\ttid\tcpu\tbegin\tend\tunit\tbytes\tseen_bytes\tlosses\t"
        "lost_bytes\tmodule\tfunction\tfunction_bytes\n");
    for_each([&](const SkimThread& thread, size_t i) {
      const SkimCell& cell = thread.cells[i];
      std::string row = id(thread.pid) + '\t' + id(thread.tid) + '\t' +
                        id(thread.cpu) + '\t' + begin(i) + '\t' + begin(i + 1) +
                        '\t' + unit();
      for (const uint64_t value :
           {cell.bytes, cell.seen_bytes, cell.losses, cell.lost_bytes}) {
        row += '\t' + std::to_string(value);
      }
      const std::vector<Share> shares = shares_of(cell);
      if (shares.empty()) {
        row += "\t\t\t";
      } else {
        const Function& function = functions_[shares.front().function];
        row += '\t' + function.module + '\t' + name_of(function) + '\t' +
               std::to_string(shares.front().bytes);
      }
      out_.write(row + '\n');
    });
  }

  void json() {
    for_each([&](const SkimThread& thread, size_t i) {
      const SkimCell& cell = thread.cells[i];
      const size_t count = thread.cells.size();
      Json row;
      row["pid"] = known(thread.pid);
      row["tid"] = known(thread.tid);
      row["cpu"] = known(thread.cpu);
      row["begin"] = skim_.bucket_begin(i, count);
      row["end"] = skim_.bucket_begin(i + 1, count);
      row["unit"] = unit();
      row["bytes"] = cell.bytes;
      row["seen_bytes"] = cell.seen_bytes;
      row["losses"] = cell.losses;
      row["lost_bytes"] = cell.lost_bytes;
      row["functions"] = Json::array();
      for (const Share& share : shares_of(cell)) {
        const Function& function = functions_[share.function];
        row["functions"].push_back({{"module", function.module},
                                    {"function", name_of(function)},
                                    {"bytes", share.bytes}});
      }
      out_.write(row.dump() + "\n");
    });
  }

 private:
  template <typename Visit>
  void for_each(Visit visit) {
    for (const SkimThread& thread : skim_.threads) {
      for (size_t i = 0; i < thread.cells.size(); ++i) {
        if (!thread.cells[i].empty()) visit(thread, i);
      }
    }
  }

  static std::string id(const std::optional<uint32_t>& value) {
    return value ? std::to_string(*value) : "";
  }
  static Json known(const std::optional<uint32_t>& value) {
    return value ? Json(*value) : Json(nullptr);
  }
  std::string begin(size_t i) const {
    const size_t count = skim_.threads.front().cells.size();
    return std::to_string(skim_.bucket_begin(i, count));
  }
  const char* unit() const { return skim_.has_time ? "ns" : "bytes"; }

  const Skim& skim_;
  const std::deque<Function>& functions_;
  Output& out_;
};

// ---------------------------------------------------------------- picture

constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr size_t kLabel = 20;  // columns for the name of a thread
constexpr size_t kSize = 8;    // and for its bytes
constexpr size_t kMargin = kLabel + 1 + 1 + kSize;
constexpr size_t kNamed = 16;  // functions
constexpr uint64_t kThreads = 24;

class Picture {
 public:
  Picture(const Skim& skim, const SeenFunctions& seen, const Trace& trace,
          size_t columns, uint64_t limit, Output& out)
      : skim_(skim),
        functions_(seen.functions()),
        trace_(trace),
        columns_(columns),
        limit_(limit),
        out_(out),
        utf8_(locale_is_utf8()) {}

  void print() {
    for (const SkimThread& thread : skim_.threads) {
      threads_.push_back(&thread);
      for (const SkimCell& cell : thread.cells) {
        top_ = std::max(top_, cell.bytes);
      }
    }
    choose_letters();
    heading();
    if (threads_.empty()) return;
    axis();
    const size_t shown = std::min<uint64_t>(threads_.size(), limit_);
    for (size_t i = 0; i < shown; ++i) thread(*threads_[i]);
    others(shown);
    legend();
  }

 private:
  size_t buckets() const { return threads_.front()->cells.size(); }

  // For the functions with most bytes.
  void choose_letters() {
    std::vector<Share> totals(functions_.size());
    for (const SkimThread* thread : threads_) {
      for (const SkimCell& cell : thread->cells) {
        for (const auto& [function, bytes] : cell.functions) {
          totals[function].function = function;
          totals[function].bytes += bytes;
        }
      }
    }
    std::stable_sort(
        totals.begin(), totals.end(),
        [](const Share& a, const Share& b) { return a.bytes > b.bytes; });
    while (!totals.empty() && totals.back().bytes == 0) totals.pop_back();
    function_count_ = totals.size();
    totals.resize(std::min(totals.size(), kNamed));
    letters_.assign(functions_.size(), '.');
    for (size_t i = 0; i < totals.size(); ++i) {
      letters_[totals[i].function] = kLetters[i];
    }
    named_ = std::move(totals);
  }

  void heading() {
    std::string text = bytes_text(skim_.bytes) + " of trace in " +
                       counted(threads_.size(), "thread");
    if (skim_.has_time) text += ", " + time_text(skim_.end - skim_.begin);
    if (!threads_.empty()) {
      std::string full = " is " + bytes_text(top_);
      if (skim_.has_time) {
        const double ns = static_cast<double>(skim_.end - skim_.begin) /
                          static_cast<double>(buckets());
        full = " is " + scaled(static_cast<double>(top_) / ns * 1e9, "B/s",
                               1000, {"", "k", "M", "G"});
      }
      text += "; " + std::string(ramp(kSteps)) + full;
    }
    out_.write(text + "\n");
  }

  static std::string counted(uint64_t count, const std::string& what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
  }

  // Positions above their columns, some columns apart.
  void axis() {
    constexpr size_t kEvery = 16;
    std::string line(kLabel + 1, ' ');
    for (size_t i = 0; i + 8 <= buckets(); i += kEvery) {
      line.resize(kLabel + 1 + i, ' ');
      const uint64_t at =
          skim_.bucket_begin(i, buckets()) - (skim_.has_time ? skim_.begin : 0);
      line += "|" + (skim_.has_time ? "+" + time_text(at) : bytes_text(at));
    }
    out_.room();
    out_.begin(Style::kDim);
    out_.write(line);
    out_.room();
    out_.end_style();
    out_.put('\n');
  }

  void thread(const SkimThread& thread) {
    std::string label = thread_name(trace_, *thread.lane);
    if (label.size() > kLabel) {  // the number at its end matters
      const size_t blank = label.rfind(' ');
      const std::string tail =
          blank == std::string::npos ? "" : label.substr(blank);
      label = label.substr(0, kLabel - std::min(kLabel, tail.size())) + tail;
    }
    label.resize(kLabel + 1, ' ');
    out_.write(label);
    for (const SkimCell& cell : thread.cells) out_.write(level(cell));
    std::string size = bytes_text(thread.bytes);
    out_.write(std::string(kSize + 1 - std::min(kSize, size.size()), ' '));
    out_.write(size + '\n');
    functions(thread);
    losses(thread);
  }

  void functions(const SkimThread& thread) {
    std::string line(kLabel + 1, ' ');
    for (const SkimCell& cell : thread.cells) {
      const std::vector<Share> shares = shares_of(cell);
      line += shares.empty() ? ' ' : letters_[shares.front().function];
    }
    end_line(line, Style::kCall);
  }

  void losses(const SkimThread& thread) {
    uint64_t count = 0;
    uint64_t bytes = 0;
    std::string line(kLabel + 1, ' ');
    for (const SkimCell& cell : thread.cells) {
      line += cell.losses == 0 ? ' ' : '!';
      count += cell.losses;
      bytes += cell.lost_bytes;
    }
    if (count == 0) return;
    const std::string label =
        "  " + std::to_string(count) + (count == 1 ? " loss" : " losses");
    line.replace(0, label.size(), label);
    line.resize(kLabel + 1 + thread.cells.size(), ' ');
    if (bytes != 0) line += "  " + bytes_text(bytes);
    end_line(line, Style::kGap);
  }

  void end_line(std::string line, Style style) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty()) return;
    out_.room();
    out_.begin(style);
    out_.write(line);
    out_.room();
    out_.end_style();
    out_.put('\n');
  }

  void others(size_t shown) {
    if (shown == threads_.size()) return;
    uint64_t bytes = 0;
    for (size_t i = shown; i < threads_.size(); ++i)
      bytes += threads_[i]->bytes;
    out_.write("and " + counted(threads_.size() - shown, "thread") + " with " +
               bytes_text(bytes) + "; --limit N shows more\n");
  }

  void legend() {
    if (named_.empty()) return;
    out_.write("\n");
    for (const Share& share : named_) {
      const Function& function = functions_[share.function];
      const double part = static_cast<double>(share.bytes) /
                          static_cast<double>(skim_.seen_bytes) * 100;
      std::string line = std::string(1, letters_[share.function]) +
                         format("  %5.1f %%  ", part);
      const std::string module = " (" + function.module + ")";
      std::string name = name_of(function);
      const size_t room = columns_ - std::min(columns_, line.size());
      if (name.size() + module.size() > room && room > module.size() + 8) {
        name.resize(room - module.size() - 3);
        while (!name.empty() && (name.back() & 0xc0) == 0x80) name.pop_back();
        if (!name.empty() && (name.back() & 0x80) != 0) name.pop_back();
        name += "...";
      }
      out_.write(line.append(name).append(module).append("\n"));
    }
    std::string rest;
    if (function_count_ > named_.size()) {
      rest = ".  " + counted(function_count_ - named_.size(), "function") +
             " more; ";
    }
    rest += "by the IPs that " +
            format("%.3g %% of the trace follows",
                   static_cast<double>(skim_.seen_bytes) /
                       static_cast<double>(std::max<uint64_t>(skim_.bytes, 1)) *
                       100);
    end_line(rest, Style::kDim);
  }

  static constexpr size_t kSteps = 8;

  // How high, of kSteps; 0 is nothing at all.
  std::string_view ramp(size_t step) const {
    static constexpr std::array<std::string_view, kSteps + 1> kBars = {
        " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr std::array<std::string_view, kSteps + 1> kAscii = {
        " ", ".", ":", "-", "=", "+", "*", "#", "@"};
    return utf8_ ? kBars[step] : kAscii[step];
  }

  std::string_view level(const SkimCell& cell) const {
    if (cell.bytes == 0) return ramp(0);
    const double part =
        static_cast<double>(cell.bytes) / static_cast<double>(top_);
    const auto step = static_cast<size_t>(part * static_cast<double>(kSteps));
    return ramp(std::clamp<size_t>(step, 1, kSteps));
  }

  const Skim& skim_;
  const std::deque<Function>& functions_;
  const Trace& trace_;
  const size_t columns_;
  const uint64_t limit_;
  Output& out_;
  const bool utf8_;
  std::vector<const SkimThread*> threads_;
  uint64_t top_ = 1;
  std::vector<char> letters_;  // by Function::id
  std::vector<Share> named_;
  size_t function_count_ = 0;
};

size_t buckets_of(const CommandLine& line) {
  if (line.buckets) return static_cast<size_t>(*line.buckets);
  constexpr size_t kOfRows = 100;
  constexpr size_t kFewest = 16;
  if (line.format != Format::kText) return kOfRows;
  return std::max(line.columns, kMargin + 1 + kFewest) - kMargin - 1;
}

}  // namespace

int run_skim(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  SeenFunctions seen;
  SkimOptions options;
  options.buckets = buckets_of(line);
  options.begin_ns = run.range.begin;
  options.end_ns = run.range.end;
  Skim result = skim(
      run.trace, selected(line, run.trace),
      [&](const TraceStream& lane) { return run.wants(lane); }, run.names, seen,
      options);
  std::stable_sort(result.threads.begin(), result.threads.end(),
                   [](const SkimThread& a, const SkimThread& b) {
                     return a.bytes > b.bytes;
                   });
  if (line.format != Format::kText && line.limit) {
    result.threads.resize(std::min(result.threads.size(), *line.limit));
  }
  switch (line.format) {
    case Format::kText:
      Picture(result, seen, run.trace, line.columns,
              line.limit.value_or(kThreads), run.out)
          .print();
      break;
    case Format::kTsv:
      SkimRows(result, seen, run.out).tsv();
      break;
    case Format::kJson:
      SkimRows(result, seen, run.out).json();
      break;
  }
  run.out.flush();
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
