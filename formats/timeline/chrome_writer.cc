// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Chrome's "Trace Event Format", JSON object form: B/E pairs nest by order, so
// that nothing has to be kept until a span ends.

#include <vector>

#include "formats/timeline/json_text.h"
#include "formats/timeline/output_buffer.h"
#include "formats/timeline/timeline_writer.h"

namespace ptcap::formats {
namespace {

class ChromeWriter final : public TimelineWriter {
 public:
  explicit ChromeWriter(WriteBytes write) : out_(std::move(write)) {
    out_.text() += "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  }

  FrameId add_frame(const TimelineFrame& frame) override {
    std::string& fields = frames_.emplace_back(",\"name\":");
    append_json_string(fields, frame.name);
    if (!frame.file.empty()) {
      fields += ",\"args\":{\"source\":";
      append_json_string(fields, frame.file + ":" + std::to_string(frame.line));
      fields += '}';
    }
    return static_cast<FrameId>(frames_.size() - 1);
  }

  void begin_thread(const TimelineThread& thread) override {
    thread_ = "\"pid\":" + std::to_string(thread.pid) +
              ",\"tid\":" + std::to_string(thread.tid);
    open_.clear();
    start_event();
    out_.text() += "{\"ph\":\"M\",\"name\":\"thread_name\",";
    out_.text() += thread_;
    out_.text() += ",\"args\":{\"name\":";
    append_json_string(out_.text(), thread.name);
    out_.text() += "}}";
  }

  void enter(uint64_t time_ns, FrameId frame) override {
    event('B', time_ns, frames_[frame]);
    open_.push_back(frame);
  }

  // Names are optional here, but speedscope finds what ends by name and args.
  void leave(uint64_t time_ns) override {
    event('E', time_ns, frames_[open_.back()]);
    open_.pop_back();
  }

  void mark(uint64_t time_ns, std::string_view text) override {
    std::string fields = ",\"s\":\"t\",\"name\":";
    append_json_string(fields, text);
    event('i', time_ns, fields);
  }

  void end_thread(uint64_t time_ns) override {
    while (!open_.empty()) leave(time_ns);
  }

  void finish() override {
    out_.text() += "\n]}\n";
    out_.flush();
  }

 private:
  void start_event() {
    out_.flush_if_full();
    out_.text() += first_ ? "\n" : ",\n";
    first_ = false;
  }

  void event(char phase, uint64_t time_ns, std::string_view fields) {
    start_event();
    std::string& text = out_.text();
    text += "{\"ph\":\"";
    text += phase;
    text += "\",\"ts\":";
    append_microseconds(text, time_ns);
    text += ',';
    text += thread_;
    text += fields;
    text += '}';
  }

  OutputBuffer out_;
  std::vector<std::string> frames_;  // their fields, as text
  std::string thread_;               // its fields, as text
  std::vector<FrameId> open_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<TimelineWriter> make_chrome_writer(WriteBytes write) {
  return std::make_unique<ChromeWriter>(std::move(write));
}

}  // namespace ptcap::formats
