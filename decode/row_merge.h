// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The rows of all streams in one order: by time where there is time, else
// stream by stream.

#ifndef PTCAP_DECODE_ROW_MERGE_H_
#define PTCAP_DECODE_ROW_MERGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "decode/trace.h"

namespace ptcap::decode {

// The rows of one stream, in order.
template <typename Row>
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Replaces `rows` by the next ones; false, with none, at the end.
  virtual bool next(std::vector<Row>& rows) = 0;
};

// When a row is in the order of all streams; 0 unknown.
template <typename Row>
uint64_t order_time(const TraceStream& stream, const Row& row) {
  if constexpr (requires { row.slice; }) {
    if (row.time == 0) return stream.time_of_slice(row.slice);
  }
  return row.time;
}

// Opens a stream only when its time has come, and closes it at its end: there
// may be thousands.
//
// Row has a member `time` (ns, 0 unknown). `open(stream)` makes a RowSource;
// `emit(stream, row)` returns false when it wants no more of this stream, and
// `done()` true when it wants no more at all.
template <typename Row, typename Open, typename Emit, typename Done>
class RowMerge {
 public:
  RowMerge(Open open, Emit emit, Done done)
      : open_(std::move(open)),
        emit_(std::move(emit)),
        done_(std::move(done)) {}

  void run(const std::vector<const TraceStream*>& streams, bool by_time) {
    for (const TraceStream* stream : streams) {
      const uint64_t time = by_time ? stream->first_ns : 0;
      queue_.push({time, lanes_.size()});
      lanes_.push_back({stream, nullptr, {}, 0, time});
    }
    while (!queue_.empty() && !done_()) {
      const size_t index = queue_.top().second;
      queue_.pop();
      Lane& lane = lanes_[index];
      const uint64_t until =
          by_time && !queue_.empty() ? queue_.top().first : ~0ull;
      if (advance(lane, until)) {
        queue_.push({lane.time, index});
      } else {
        lane.source.reset();
        lane.rows = {};
      }
    }
  }

 private:
  struct Lane {
    const TraceStream* stream = nullptr;
    std::unique_ptr<RowSource<Row>> source;
    std::vector<Row> rows;
    size_t at = 0;
    uint64_t time = 0;  // of the next row
  };
  using Entry = std::pair<uint64_t, size_t>;

  // Emits rows up to that time; false at the end of the stream.
  bool advance(Lane& lane, uint64_t until) {
    if (!lane.source) lane.source = open_(*lane.stream);
    for (;;) {
      if (lane.at == lane.rows.size()) {
        lane.at = 0;
        if (!lane.source->next(lane.rows)) return false;
      }
      while (lane.at < lane.rows.size()) {
        const Row& row = lane.rows[lane.at];
        const uint64_t time = order_time(*lane.stream, row);
        if (time != 0) lane.time = time;
        if (lane.time > until) return true;
        if (!emit_(*lane.stream, row)) return false;
        ++lane.at;
        if (done_()) return false;
      }
    }
  }

  Open open_;
  Emit emit_;
  Done done_;
  std::vector<Lane> lanes_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_ROW_MERGE_H_
