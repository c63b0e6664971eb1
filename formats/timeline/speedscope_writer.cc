// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// https://www.speedscope.app/file-format-schema.json: an evented profile per
// thread. Frames come last, since they are known last; JSON does not mind.

#include <vector>

#include "formats/timeline/json_text.h"
#include "formats/timeline/output_buffer.h"
#include "formats/timeline/timeline_writer.h"

namespace ptcap::formats {
namespace {

class SpeedscopeWriter final : public TimelineWriter {
 public:
  SpeedscopeWriter(WriteBytes write, std::string title)
      : out_(std::move(write)), title_(std::move(title)) {
    out_.text() +=
        "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\","
        "\"exporter\":\"ptdec\",\"profiles\":[";
  }

  FrameId add_frame(const TimelineFrame& frame) override {
    if (!frames_.empty()) frames_ += ",\n";
    frames_ += "{\"name\":";
    append_json_string(frames_, frame.name);
    if (!frame.file.empty()) {
      frames_ += ",\"file\":";
      append_json_string(frames_, frame.file);
      frames_ += ",\"line\":" + std::to_string(frame.line);
    }
    frames_ += '}';
    return frame_count_++;
  }

  void begin_thread(const TimelineThread& thread) override {
    std::string& text = out_.text();
    text += first_thread_ ? "\n" : ",\n";
    first_thread_ = false;
    text += "{\"type\":\"evented\",\"unit\":\"nanoseconds\",\"name\":";
    append_json_string(text, thread.name);
    text += ",\"events\":[";
    first_event_ = true;
    start_ns_ = end_ns_ = 0;
  }

  void enter(uint64_t time_ns, FrameId frame) override {
    open_.push_back(frame);
    event('O', time_ns, frame);
  }

  void leave(uint64_t time_ns) override {
    event('C', time_ns, open_.back());
    open_.pop_back();
  }

  // The format has no marks: a span without width is what comes nearest.
  void mark(uint64_t time_ns, std::string_view text) override {
    enter(time_ns, add_frame({.name = std::string(text)}));
    leave(time_ns);
  }

  void end_thread(uint64_t time_ns) override {
    while (!open_.empty()) leave(time_ns);
    std::string& text = out_.text();
    text += "],\"startValue\":" + std::to_string(start_ns_);
    text += ",\"endValue\":" + std::to_string(std::max(end_ns_, time_ns));
    text += '}';
    out_.flush_if_full();
  }

  void finish() override {
    std::string& text = out_.text();
    text += "\n],\"name\":";
    append_json_string(text, title_);
    text += ",\"shared\":{\"frames\":[\n";
    text += frames_;
    text += "\n]}}\n";
    out_.flush();
  }

 private:
  void event(char type, uint64_t time_ns, FrameId frame) {
    out_.flush_if_full();
    if (first_event_) start_ns_ = time_ns;
    end_ns_ = time_ns;
    std::string& text = out_.text();
    text += first_event_ ? "\n" : ",\n";
    first_event_ = false;
    text += "{\"type\":\"";
    text += type;
    text += "\",\"frame\":" + std::to_string(frame);
    text += ",\"at\":" + std::to_string(time_ns) + '}';
  }

  OutputBuffer out_;
  std::string title_;
  std::string frames_;  // as text
  FrameId frame_count_ = 0;
  std::vector<FrameId> open_;
  uint64_t start_ns_ = 0, end_ns_ = 0;
  bool first_thread_ = true, first_event_ = true;
};

}  // namespace

std::unique_ptr<TimelineWriter> make_speedscope_writer(WriteBytes write,
                                                       std::string title) {
  return std::make_unique<SpeedscopeWriter>(std::move(write), std::move(title));
}

}  // namespace ptcap::formats
