// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The Fuchsia trace format: little-endian 64-bit words. Strings go into its
// table of 32,767 entries as long as that has room, then inline; threads are
// written inline, since the table of those holds only 255.

#include <bit>
#include <cstring>
#include <vector>

#include "formats/timeline/output_buffer.h"
#include "formats/timeline/timeline_writer.h"

namespace ptcap::formats {
namespace {

// Header fields: bits 0-3 type, 4-15 size in words, then by type.
constexpr uint64_t kMagicRecord = 0x0016547846040010;
constexpr uint64_t kInitialization = 1, kString = 2, kEvent = 4,
                   kKernelObject = 7;
constexpr uint64_t kInstant = 0, kDurationBegin = 2, kDurationEnd = 3;
constexpr uint64_t kThreadObject = 2;  // ZX_OBJ_TYPE_THREAD
constexpr uint64_t kObjectIdArgument = 8;
constexpr uint64_t kMaxStringIndex = 0x7fff, kInlineString = 0x8000;
// A string takes at most this many words, which keeps any record below the
// 4,095 words that its header can say.
constexpr size_t kMaxStringBytes = 8 << 10;

constexpr uint64_t words(size_t bytes) { return (bytes + 7) / 8; }

class FxtWriter final : public TimelineWriter {
 public:
  explicit FxtWriter(WriteBytes write) : out_(std::move(write)) {
    word(kMagicRecord);
    word(kInitialization | 2 << 4);
    word(1'000'000'000);  // ticks a second: the perf clock's ns
  }

  FrameId add_frame(const TimelineFrame& frame) override {
    frames_.push_back(intern(frame.name));
    return static_cast<FrameId>(frames_.size() - 1);
  }

  void begin_thread(const TimelineThread& thread) override {
    pid_ = thread.pid;
    tid_ = thread.tid;
    // A thread object with its process as the only argument.
    const StringRef name = inline_string(thread.name);
    const StringRef process = inline_string("process");
    word(kKernelObject |
         (4 + name.inline_words() + process.inline_words()) << 4 |
         kThreadObject << 16 | name.ref << 24 | uint64_t{1} << 40);
    word(tid_);
    string_words(name);
    word(kObjectIdArgument | (2 + process.inline_words()) << 4 |
         process.ref << 16);
    string_words(process);
    word(pid_);
    open_.clear();
  }

  void enter(uint64_t time_ns, FrameId frame) override {
    open_.push_back(frame);
    event(kDurationBegin, time_ns, frames_[frame]);
  }

  void leave(uint64_t time_ns) override {
    event(kDurationEnd, time_ns, frames_[open_.back()]);
    open_.pop_back();
  }

  void mark(uint64_t time_ns, std::string_view text) override {
    event(kInstant, time_ns, inline_string(std::string(text)));
  }

  void end_thread(uint64_t time_ns) override {
    while (!open_.empty()) leave(time_ns);
  }

  void finish() override { out_.flush(); }

 private:
  struct StringRef {
    uint64_t ref = 0;
    std::string text;  // only where it is inline
    uint64_t inline_words() const { return words(text.size()); }
  };

  static StringRef inline_string(std::string text) {
    if (text.empty()) return {};  // reference 0 is the empty string
    if (text.size() > kMaxStringBytes) text.resize(kMaxStringBytes);
    const uint64_t ref = kInlineString | text.size();
    return {.ref = ref, .text = std::move(text)};
  }

  StringRef intern(std::string text) {
    if (text.empty() || last_string_ == kMaxStringIndex)
      return inline_string(std::move(text));
    if (text.size() > kMaxStringBytes) text.resize(kMaxStringBytes);
    ++last_string_;
    word(kString | (1 + words(text.size())) << 4 | last_string_ << 16 |
         uint64_t{text.size()} << 32);
    padded(text);
    return {.ref = last_string_, .text = {}};
  }

  void event(uint64_t type, uint64_t time_ns, const StringRef& name) {
    // Thread reference 0: process and thread follow inline. No category.
    word(kEvent | (4 + name.inline_words()) << 4 | type << 16 | name.ref << 48);
    word(time_ns);
    word(pid_);
    word(tid_);
    string_words(name);
    out_.flush_if_full();
  }

  void string_words(const StringRef& string) { padded(string.text); }

  void padded(std::string_view text) {
    out_.text() += text;
    out_.text().append(words(text.size()) * 8 - text.size(), '\0');
  }

  void word(uint64_t value) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[8];
    std::memcpy(bytes, &value, 8);
    out_.text().append(bytes, 8);
  }

  OutputBuffer out_;
  std::vector<StringRef> frames_;
  std::vector<FrameId> open_;
  uint64_t last_string_ = 0;
  uint64_t pid_ = 0, tid_ = 0;
};

}  // namespace

std::unique_ptr<TimelineWriter> make_fxt_writer(WriteBytes write) {
  return std::make_unique<FxtWriter>(std::move(write));
}

}  // namespace ptcap::formats
