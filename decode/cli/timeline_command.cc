// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec timeline: calls as spans for a viewer, in one file or in several.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "decode/cli/around.h"
#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/symbols/escape.h"
#include "formats/timeline/timeline_writer.h"

namespace ptcap::decode {

namespace {

using formats::TimelineFrame;
using formats::TimelineThread;
using formats::TimelineWriter;

// Writes to one file after the other; a new one begins with the spans that are
// open.
class TimelineFiles {
 public:
  explicit TimelineFiles(RowRun& run) : run_(run), out_(&run.out) { open(); }

  void begin_thread(const TimelineThread& thread) {
    thread_ = thread;
    writer_->begin_thread(thread);
  }
  // `name` and `frame()` of what has not been seen in this file yet.
  template <typename MakeFrame>
  void enter(uint64_t time_ns, uint64_t key, MakeFrame make_frame) {
    const auto known = frame_of_key_.find(key);
    if (known == frame_of_key_.end()) {
      frame_of_key_.emplace(key, frames_.size());
      frames_.push_back(make_frame());
    }
    const size_t frame = frame_of_key_.at(key);
    open_.push_back(frame);
    writer_->enter(time_ns, id_of(frame));
  }
  void leave(uint64_t time_ns) {
    writer_->leave(time_ns);
    open_.pop_back();
    split_if_full(time_ns);
  }
  void mark(uint64_t time_ns, std::string_view text) {
    writer_->mark(time_ns, text);
  }
  void end_thread(uint64_t time_ns) { writer_->end_thread(time_ns); }
  void finish() {
    writer_->finish();
    out_->flush();
  }
  size_t files() const { return count_; }

 private:
  static constexpr uint32_t kNoId = ~0u;

  void open() {
    ++count_;
    written_ = 0;
    ids_.clear();
    auto write = [this](std::string_view bytes) {
      written_ += bytes.size();
      out_->write(bytes);
    };
    const std::string& to = run_.line.to;
    writer_ = to == "chrome" ? formats::make_chrome_writer(write)
              : to == "fxt"  ? formats::make_fxt_writer(write)
                             : formats::make_speedscope_writer(
                                   write, escape_text(title()));
  }

  std::string title() const {
    std::string title;
    for (const std::string& word : run_.trace.facts().command_line) {
      title += (title.empty() ? "" : " ") + word;
    }
    return title.empty() ? run_.line.traces.front() : title;
  }

  TimelineWriter::FrameId id_of(size_t frame) {
    if (frame >= ids_.size()) ids_.resize(frames_.size(), kNoId);
    if (ids_[frame] == kNoId) ids_[frame] = writer_->add_frame(frames_[frame]);
    return ids_[frame];
  }

  void split_if_full(uint64_t time_ns) {
    if (run_.line.split_bytes == 0 || written_ < run_.line.split_bytes) return;
    writer_->end_thread(time_ns);
    finish();
    // FILE.json, FILE.2.json...
    std::string path = run_.line.output;
    const size_t slash = path.rfind('/') + 1;
    size_t dot = path.rfind('.');
    if (dot == std::string::npos || dot <= slash) dot = path.size();
    path.insert(dot, "." + std::to_string(count_ + 1));
    next_out_ = std::make_unique<Output>(
        Output::Options{path, run_.line.force, /*colour=*/false});
    out_ = next_out_.get();
    open();
    writer_->begin_thread(thread_);
    for (const size_t frame : open_) writer_->enter(time_ns, id_of(frame));
  }

  RowRun& run_;
  Output* out_;
  std::unique_ptr<Output> next_out_;
  std::unique_ptr<TimelineWriter> writer_;
  size_t count_ = 0;
  uint64_t written_ = 0;
  TimelineThread thread_;
  std::unordered_map<uint64_t, size_t> frame_of_key_;
  std::vector<TimelineFrame> frames_;
  std::vector<uint32_t> ids_;  // in the file that is open
  std::vector<size_t> open_;
};

// The spans of one thread.
class SpanSink : public CallSink {
 public:
  SpanSink(TimelineFiles& files, RowRun& run, const TraceStream& lane)
      : files_(files), run_(run), lane_(lane) {}

  void enter(const Call& call) override {
    files_.enter(seen(call.begin_ns), key_of(call),
                 [&] { return frame_of(call); });
  }
  void leave(const Call& call) override { files_.leave(seen(call.end_ns)); }
  void gap(uint64_t time_ns, FlowCause cause) override {
    files_.mark(seen(time_ns), "gap: " + std::string(flow_cause_name(cause)));
  }
  uint64_t last_ns() const { return last_ns_; }

 private:
  // Where the time is not known, the last one that was.
  uint64_t seen(uint64_t time_ns) {
    last_ns_ = std::max(last_ns_, time_ns);
    return last_ns_;
  }

  static uint64_t key_of(const Call& call) {
    if (call.function == nullptr) return static_cast<uint64_t>(call.cause);
    if (call.function->name.empty()) return call.entry | uint64_t{1} << 63;
    return (uint64_t{call.function->id} + 1) << 8;
  }

  TimelineFrame frame_of(const Call& call) {
    TimelineFrame frame;
    frame.name = shown_name(call);
    if (call.function == nullptr) return frame;
    const Place& place = run_.names.at(lane_, call.entry, 0);
    if (place.module == nullptr) return frame;
    const auto lines =
        run_.names.symbols(lane_, *place.module).source_at(call.entry);
    if (lines.empty()) return frame;
    frame.file = lines.back().file;
    frame.line = lines.back().line;
    return frame;
  }

  TimelineFiles& files_;
  RowRun& run_;
  const TraceStream& lane_;
  uint64_t last_ns_ = 0;
};

}  // namespace

int run_timeline(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  const CallSelection selection = call_selection(line, run.trace);
  auto clock = CallMachine::Clock::kTrace;
  if (!run.trace.has_time()) {
    clock = CallMachine::Clock::kInstructions;
    reporter.warn(
        "the trace has no time packets: 1 ns stands for an "
        "instruction of its thread");
  }
  SeenFunctions seen;
  TimelineFiles files(run);
  for (const ThreadPart& part : thread_parts(run)) {
    const TraceStream& lane = *part.lane;
    files.begin_thread({lane.pid.value_or(0),
                        lane.tid.value_or(lane.cpu.value_or(0)),
                        thread_name(run.trace, lane)});
    SpanSink spans(files, run, lane);
    CallPull pull(
        run, part.group, seen,
        [&](const TraceStream& /*lane*/) {
          return std::make_unique<CallFilter>(selection, spans);
        },
        clock, part.lane);
    while (pull.next()) {
    }
    files.end_thread(spans.last_ns());
  }
  files.finish();
  if (files.files() > 1) {
    reporter.warn(std::to_string(files.files()) + " files were written");
  }
  warn_if_unknown(line, seen, reporter);
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
