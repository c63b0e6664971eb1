// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A reader of the Fuchsia trace format as its specification describes it
// (fuchsia.dev, "Fuchsia trace format"), for what a timeline holds. It throws
// std::runtime_error for anything that the specification forbids.

#ifndef PTCAP_TESTS_FORMATS_TIMELINE_FXT_READER_H_
#define PTCAP_TESTS_FORMATS_TIMELINE_FXT_READER_H_

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::formats {

struct FxtEvent {
  char phase = 0;  // B, E or i
  uint64_t time = 0, pid = 0, tid = 0;
  std::string name;
  bool operator==(const FxtEvent&) const = default;
};

struct FxtTrace {
  uint64_t ticks_per_second = 0;
  std::vector<FxtEvent> events;
  std::map<uint64_t, std::string> threads;         // tid -> name
  std::map<uint64_t, uint64_t> process_of_thread;  // tid -> pid
};

class FxtReader {
 public:
  explicit FxtReader(std::string_view bytes) : bytes_(bytes) {}

  FxtTrace read() {
    if (word() != 0x0016547846040010) fail("no magic number record");
    while (at_ < bytes_.size()) record();
    return std::move(trace_);
  }

 private:
  static uint64_t bits(uint64_t word, int from, int to) {
    return word >> from & ((uint64_t{1} << (to - from + 1)) - 1);
  }
  [[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + " at " + std::to_string(at_));
  }

  uint64_t word() {
    if (bytes_.size() - at_ < 8) fail("cut short");
    uint64_t value;
    std::memcpy(&value, bytes_.data() + at_, 8);
    at_ += 8;
    return value;
  }

  std::string padded_string(uint64_t size) {
    const uint64_t padded = (size + 7) / 8 * 8;
    if (bytes_.size() - at_ < padded) fail("string cut short");
    std::string text(bytes_.substr(at_, size));
    at_ += padded;
    return text;
  }

  std::string string_of(uint64_t ref) {
    if (ref == 0) return "";
    if (ref & 0x8000) return padded_string(ref & 0x7fff);
    if (!strings_.count(ref)) fail("string index without a string record");
    return strings_[ref];
  }

  void record() {
    const size_t start = at_;
    const uint64_t header = word();
    const uint64_t size = bits(header, 4, 15);
    if (size == 0) fail("record of size 0");
    switch (bits(header, 0, 3)) {
      case 1:
        trace_.ticks_per_second = word();
        break;
      case 2:
        string_record(header);
        break;
      case 4:
        event_record(header);
        break;
      case 7:
        kernel_object(header);
        break;
      default:
        fail("unexpected record type");
    }
    if (at_ != start + size * 8) fail("record size and content differ");
  }

  void string_record(uint64_t header) {
    const uint64_t index = bits(header, 16, 30);
    if (index == 0 || bits(header, 31, 31) || bits(header, 47, 63))
      fail("bad string record");
    strings_[index] = padded_string(bits(header, 32, 46));
  }

  void event_record(uint64_t header) {
    static constexpr char kPhases[] = {'i', 'C', 'B', 'E'};
    if (bits(header, 16, 19) > 3) fail("unexpected event type");
    if (bits(header, 20, 23) != 0) fail("unexpected arguments");
    FxtEvent event{.phase = kPhases[bits(header, 16, 19)]};
    event.time = word();
    if (bits(header, 24, 31) != 0) fail("unexpected thread reference");
    event.pid = word();
    event.tid = word();
    string_of(bits(header, 32, 47));
    event.name = string_of(bits(header, 48, 63));
    trace_.events.push_back(event);
  }

  void kernel_object(uint64_t header) {
    if (bits(header, 16, 23) != 2) fail("not a thread object");
    const uint64_t tid = word();
    trace_.threads[tid] = string_of(bits(header, 24, 39));
    for (uint64_t n = bits(header, 40, 43); n > 0; --n) {
      const uint64_t argument = word();
      if (bits(argument, 0, 3) != 8) fail("argument is no koid");
      if (string_of(bits(argument, 16, 31)) != "process") fail("argument name");
      trace_.process_of_thread[tid] = word();
    }
  }

  std::string_view bytes_;
  size_t at_ = 0;
  std::map<uint64_t, std::string> strings_;
  FxtTrace trace_;
};

}  // namespace ptcap::formats

#endif  // PTCAP_TESTS_FORMATS_TIMELINE_FXT_READER_H_
