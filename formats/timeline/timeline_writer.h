// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Timelines that viewers read: Chrome trace JSON (Perfetto, chrome://tracing),
// FXT (Perfetto, magic-trace's format) and speedscope. One interface, since
// all three are nested spans on threads.

#ifndef PTCAP_FORMATS_TIMELINE_TIMELINE_WRITER_H_
#define PTCAP_FORMATS_TIMELINE_TIMELINE_WRITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ptcap::formats {

// Where the bytes go: called with a few dozen KiB at a time. What it throws
// passes through the writer.
using WriteBytes = std::function<void(std::string_view)>;

struct TimelineThread {
  uint32_t pid = 0;
  uint32_t tid = 0;
  std::string name;
};

// What a span is drawn as. Any byte may be in the texts: writers escape.
struct TimelineFrame {
  std::string name;
  std::string file;   // of the source, or empty
  uint32_t line = 0;  // 1-based; 0 is unknown
};

// Takes threads one after the other and, within a thread, events with times
// that do not fall (perf clock, ns). Spans nest strictly: leave() closes the
// span entered last. One writer, one thread.
class TimelineWriter {
 public:
  using FrameId = uint32_t;

  virtual ~TimelineWriter() = default;

  // Frames are numbered 0, 1, 2, ... in the order added, at any time.
  virtual FrameId add_frame(const TimelineFrame& frame) = 0;

  virtual void begin_thread(const TimelineThread& thread) = 0;
  virtual void enter(uint64_t time_ns, FrameId frame) = 0;
  // REQUIRES: a span is open.
  virtual void leave(uint64_t time_ns) = 0;
  // A moment with a text, such as a gap in the trace.
  virtual void mark(uint64_t time_ns, std::string_view text) = 0;
  // Closes what is still open.
  virtual void end_thread(uint64_t time_ns) = 0;

  // Writes what is buffered and the end of the file. Once, last.
  virtual void finish() = 0;
};

std::unique_ptr<TimelineWriter> make_chrome_writer(WriteBytes write);
std::unique_ptr<TimelineWriter> make_fxt_writer(WriteBytes write);
std::unique_ptr<TimelineWriter> make_speedscope_writer(WriteBytes write,
                                                       std::string title);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_TIMELINE_TIMELINE_WRITER_H_
