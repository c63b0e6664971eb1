// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/skim/skim.h"

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <tuple>

#include "decode/bts/engine.h"
#include "decode/skim/segments.h"
#include "formats/pt/scanner.h"

namespace ptcap::decode {

namespace {

// Of each segment at least so much is read: its PSB+ and some packets.
constexpr uint64_t kMinRead = 256;
constexpr uint64_t kMaxRead = 1 << 20;

uint64_t size_of(const TraceStream& stream) {
  uint64_t size = 0;
  for (const formats::AuxPiece& piece : stream.aux->pieces) size += piece.size;
  return size;
}

uint64_t part_of(uint64_t whole, uint64_t part, uint64_t all) {
  if (all == 0) return 0;
  return static_cast<uint64_t>(static_cast<unsigned __int128>(whole) * part /
                               all);
}

uint64_t load64(std::span<const uint8_t> bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 8; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

class Skimmer {
 public:
  Skimmer(Trace& trace, const std::vector<const TraceStream*>& streams,
          const std::function<bool(const TraceStream& lane)>& wanted,
          Names& names, SeenFunctions& seen, const SkimOptions& options)
      : trace_(trace),
        streams_(streams),
        wanted_(wanted),
        names_(names),
        seen_(seen),
        options_(options) {
    skim_.has_time = trace.has_time() && trace.settings().clock.has_value();
    buffer_.resize(kMaxRead);
  }

  Skim run() {
    find_ends();
    for (size_t i = 0; i < options_.buckets; ++i) {
      next_.push_back(skim_.bucket_begin(i + 1, options_.buckets));
    }
    for (const TraceStream* stream : streams_) all_bytes_ += size_of(*stream);
    for (const TraceStream* stream : streams_) add(*stream);
    add_ledger();
    std::erase_if(skim_.threads, [](const SkimThread& thread) {
      return std::all_of(thread.cells.begin(), thread.cells.end(),
                         [](const SkimCell& cell) { return cell.empty(); });
    });
    return std::move(skim_);
  }

 private:
  // --- the axis

  void find_ends() {
    if (!skim_.has_time) {
      for (const TraceStream* stream : streams_) {
        if (stream->aux->pieces.empty()) continue;
        const formats::AuxPiece& last = stream->aux->pieces.back();
        skim_.end = std::max(skim_.end, last.offset + last.size);
      }
      return;
    }
    skim_.begin = trace_.first_ns();
    skim_.end = std::max(skim_.begin, trace_.facts().last_ns.value_or(0));
    for (const TraceStream* stream : streams_) {
      const auto& psbs = trace_.psbs(*stream);
      for (size_t i = psbs.size(); i-- > 0;) {
        if (!psbs[i].tsc) continue;
        skim_.end =
            std::max(skim_.end, trace_.settings().clock->to_ns(*psbs[i].tsc));
        break;
      }
    }
    ++skim_.end;  // exclusive
    skim_.begin = std::max(skim_.begin, options_.begin_ns);
    skim_.end = std::max(std::min(skim_.end, options_.end_ns), skim_.begin);
  }

  size_t bucket_of(uint64_t position) const {
    if (position <= skim_.begin) return 0;
    const uint64_t bucket = part_of(options_.buckets, position - skim_.begin,
                                    skim_.end - skim_.begin);
    return std::min<size_t>(bucket, options_.buckets - 1);
  }

  bool holds(uint64_t position) const {
    return position >= skim_.begin && position < skim_.end;
  }

  // --- threads

  SkimThread* thread_of(const TraceStream& lane) {
    const auto [at, is_new] = by_lane_.try_emplace(&lane, ~size_t{0});
    if (!is_new) return known(at->second);
    if (!wanted_(lane)) return nullptr;
    const bool is_thread = lane.tid.has_value();
    const auto key = std::tuple(is_thread, lane.pid.value_or(0),
                                is_thread ? *lane.tid : lane.cpu.value_or(~0u),
                                is_thread ? 0 : lane.aux->idx);
    const auto [by_key, is_first] =
        by_key_.try_emplace(key, skim_.threads.size());
    at->second = by_key->second;
    if (is_first) {
      SkimThread thread;
      thread.pid = lane.pid;
      thread.tid = lane.tid;
      thread.cpu = lane.cpu;
      thread.lane = &lane;
      thread.cells.resize(options_.buckets);
      skim_.threads.push_back(std::move(thread));
    } else if (skim_.threads[at->second].cpu != lane.cpu) {
      skim_.threads[at->second].cpu.reset();  // it ran on several
    }
    return known(at->second);
  }

  SkimThread* known(size_t index) {
    return index == ~size_t{0} ? nullptr : &skim_.threads[index];
  }

  // Calls visit(lane, begin, end) for who ran in [begin, end); of an empty
  // range, at that moment.
  template <typename Visit>
  void for_each_lane(const TraceStream& stream, uint64_t begin, uint64_t end,
                     uint64_t offset, Visit visit) {
    if (!stream.timeline) return visit(stream, begin, end);
    const auto& slices = stream.timeline->slices;
    const bool by_offset = stream.timeline->by_offset;
    const uint64_t first = by_offset ? offset : begin;
    auto slice = std::upper_bound(
        slices.begin(), slices.end(), first,
        [](uint64_t at, const CpuSlice& slice) { return at < slice.begin; });
    if (slice != slices.begin()) --slice;
    for (; slice != slices.end(); ++slice) {
      const auto index = static_cast<size_t>(slice - slices.begin());
      const bool last = by_offset || index + 1 == slices.size();
      const uint64_t until =
          last ? end : std::min(end, slices[index + 1].begin);
      visit(*stream.lanes[index], begin, until);
      begin = until;
      if (until >= end) break;
    }
  }

  static bool is_idle(const TraceStream& lane) { return lane.tid == 0u; }

  // --- what is added to cells

  // `bytes` were made in [begin, end), evenly; by nobody who was idle, if
  // somebody was not.
  void spread(const TraceStream& stream, uint64_t bytes, uint64_t begin,
              uint64_t end, uint64_t offset) {
    if (bytes == 0 || end < skim_.begin || begin >= skim_.end) return;
    if (!stream.timeline) {
      spread(stream, bytes, begin, end);
      return;
    }
    uint64_t busy = 0;
    for_each_lane(stream, begin, end, offset,
                  [&](const TraceStream& lane, uint64_t from, uint64_t until) {
                    if (!is_idle(lane)) busy += until - from;
                  });
    const bool with_idle = busy == 0;
    const uint64_t all = with_idle ? end - begin : busy;
    uint64_t given = 0;
    uint64_t done = 0;
    for_each_lane(stream, begin, end, offset,
                  [&](const TraceStream& lane, uint64_t from, uint64_t until) {
                    if (is_idle(lane) && !with_idle) return;
                    done += until - from;
                    const uint64_t so_far =
                        all == 0 ? bytes : part_of(bytes, done, all);
                    spread(lane, so_far - given, from, until);
                    given = so_far;
                  });
  }

  void spread(const TraceStream& lane, uint64_t bytes, uint64_t begin,
              uint64_t end) {
    SkimThread* thread = thread_of(lane);
    if (thread == nullptr) return;
    for_each_bucket(bytes, begin, end, [&](size_t bucket, uint64_t some) {
      thread->cells[bucket].bytes += some;
      thread->bytes += some;
      skim_.bytes += some;
    });
  }

  // Calls visit(bucket, some) for the parts of `bytes` that [begin, end) has in
  // each bucket; an empty range is a moment.
  template <typename Visit>
  void for_each_bucket(uint64_t bytes, uint64_t begin, uint64_t end,
                       Visit visit) {
    size_t bucket = bucket_of(begin);
    if (end <= begin || (begin >= skim_.begin && end <= next_[bucket])) {
      if (holds(begin)) visit(bucket, bytes);
      return;
    }
    uint64_t given =
        part_of(bytes, std::max(begin, skim_.begin) - begin, end - begin);
    const uint64_t stop = std::min(end, skim_.end);
    for (;; ++bucket) {
      const uint64_t until = std::clamp(next_[bucket], begin, stop);
      const uint64_t so_far = part_of(bytes, until - begin, end - begin);
      if (so_far > given) visit(bucket, so_far - given);
      given = std::max(given, so_far);
      if (until >= stop || bucket + 1 == options_.buckets) break;
    }
  }

  void add_loss(const TraceStream& lane, uint64_t position, uint64_t bytes) {
    SkimThread* thread = thread_of(lane);
    if (thread == nullptr) return;
    position = std::clamp(position, skim_.begin, skim_.end);
    SkimCell& cell = thread->cells[bucket_of(position)];
    ++cell.losses;
    cell.lost_bytes += bytes;
  }

  // At a position of a stream, of who ran there.
  void add_loss(const TraceStream& stream, uint64_t position, uint64_t offset,
                uint64_t bytes) {
    if (!holds(position)) return;
    for_each_lane(stream, position, position, offset,
                  [&](const TraceStream& lane, uint64_t, uint64_t) {
                    add_loss(lane, position, bytes);
                  });
  }

  // --- streams

  void add(const TraceStream& stream) {
    std::vector<Segment> segments = segments_of(trace_, stream);
    std::erase_if(segments, [&](const Segment& segment) {
      return segment.end < skim_.begin || segment.begin >= skim_.end;
    });
    const uint64_t size = size_of(stream);
    const size_t count = choose_segments(
        segments, part_of(options_.open_limit_bytes, size, all_bytes_),
        [&](uint64_t position) { return bucket_of(position); });
    const uint64_t limit =
        std::clamp(part_of(options_.read_limit_bytes, size, all_bytes_) /
                       std::max<size_t>(count, 1),
                   kMinRead, kMaxRead);
    const auto bytes = trace_.bytes(stream);
    for (const Segment& segment : segments) {
      if (segment.read) {
        read(stream, *bytes, segment, std::min(segment.size, limit));
      } else {
        spread(stream, segment.size, segment.begin, segment.end,
               segment.offset);
      }
    }
    if (!trace_.reader().ledger()) add_holes(stream, segments, *bytes);
  }

  // Without a ledger: between pieces, and what AUX records say.
  void add_holes(const TraceStream& stream,
                 const std::vector<Segment>& segments, const AuxBytes& bytes) {
    for (size_t i = 0; i + 1 < segments.size(); ++i) {
      const uint64_t end = segments[i].offset + segments[i].size;
      if (segments[i + 1].offset == end) continue;
      add_loss(stream, segments[i].end, end, segments[i + 1].offset - end);
    }
    for (const uint64_t loss : bytes.losses()) {
      const auto at =
          std::upper_bound(segments.begin(), segments.end(), loss,
                           [](uint64_t offset, const Segment& segment) {
                             return offset < segment.offset + segment.size;
                           });
      if (at != segments.end()) add_loss(stream, at->begin, at->offset, 0);
    }
  }

  void add_ledger() {
    const auto ledger = trace_.reader().ledger();
    if (!ledger) return;
    for (const formats::Loss& loss : ledger->losses) {
      for (const TraceStream* stream : streams_) {
        const bool same = loss.idx != ~0u   ? loss.idx == stream->aux->idx
                          : loss.tid != ~0u ? stream->tid == loss.tid
                                            : stream->cpu == loss.cpu;
        if (!same) continue;
        const uint64_t at = skim_.has_time ? loss.begin_ns : loss.aux_offset;
        add_loss(*stream, at == 0 ? skim_.begin : at, loss.aux_offset,
                 loss.bytes);
        break;
      }
    }
  }

  // --- packets

  // Bytes between two times, with the IPs among them. Offsets are those of the
  // stream.
  struct Stretch {
    struct Ip {
      uint64_t ip = 0;
      uint64_t offset = 0;
    };
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t begin_time = 0;
    uint64_t end_time = 0;
    std::vector<Ip> ips;

    uint64_t time_at(uint64_t offset) const {
      if (end <= begin) return begin_time;
      const auto part = static_cast<double>(offset - begin) /
                        static_cast<double>(end - begin);
      return begin_time +
             static_cast<uint64_t>(part *
                                   static_cast<double>(end_time - begin_time));
    }
  };

  void read(const TraceStream& stream, const AuxBytes& aux,
            const Segment& segment, uint64_t size) {
    const uint64_t got =
        aux.read(segment.offset, std::span(buffer_).first(size));
    const auto bytes = std::span<const uint8_t>(buffer_).first(got);
    stretch_.begin = segment.offset;
    stretch_.begin_time = segment.begin;
    stretch_.ips.clear();
    if (trace_.facts().has_bts) {
      read_bts(segment, bytes);
    } else {
      read_pt(stream, segment, bytes);
    }
    stretch_.end = segment.offset + segment.size;
    finish_stretch(stream, std::max(stretch_.begin_time, segment.end),
                   segment.offset + got);
  }

  void read_pt(const TraceStream& stream, const Segment& segment,
               std::span<const uint8_t> bytes) {
    pt::PacketScanner scanner(bytes);
    pt::Packet packet;
    uint64_t last_ip = 0;
    while (true) {
      const uint64_t offset = segment.offset + scanner.offset();
      if (!scanner.next(packet)) break;
      switch (packet.type) {
        case pt::PacketType::kTsc:
          set_time(stream, packet.value, offset);
          break;
        case pt::PacketType::kTip:
        case pt::PacketType::kTipPge:
        case pt::PacketType::kFup:
        case pt::PacketType::kTipPgd:
          if (packet.detail == 0) break;
          last_ip = pt::expand_ip(packet, last_ip);
          stretch_.ips.push_back({last_ip, offset});
          break;
        case pt::PacketType::kOvf:
          add_loss(stream, skim_.has_time ? stretch_.begin_time : offset,
                   offset, 0);
          break;
        default:
          break;
      }
    }
  }

  void set_time(const TraceStream& stream, uint64_t tsc, uint64_t offset) {
    if (!skim_.has_time) return;
    const uint64_t now = trace_.settings().clock->to_ns(tsc);
    if (now <= stretch_.begin_time) return;
    stretch_.end = offset;
    finish_stretch(stream, now, offset);
    stretch_.begin = offset;
    stretch_.begin_time = now;
    if (!stretch_.ips.empty()) {  // it goes on behind this packet
      stretch_.ips = {{stretch_.ips.back().ip, offset}};
    }
  }

  void read_bts(const Segment& segment, std::span<const uint8_t> bytes) {
    for (uint64_t at = 0; at + kBtsRecordSize <= bytes.size();
         at += kBtsRecordSize) {
      stretch_.ips.push_back({load64(bytes, at + 8), segment.offset + at});
    }
  }

  // It ends at that time; behind `read_until` nobody has looked.
  void finish_stretch(const TraceStream& stream, uint64_t end_time,
                      uint64_t read_until) {
    stretch_.end_time = end_time;
    spread(stream, stretch_.end - stretch_.begin, stretch_.begin_time, end_time,
           stretch_.begin);
    for (size_t i = 0; i < stretch_.ips.size(); ++i) {
      const auto [ip, offset] = stretch_.ips[i];
      const uint64_t end =
          i + 1 < stretch_.ips.size() ? stretch_.ips[i + 1].offset : read_until;
      const uint64_t time = stretch_.time_at(offset);
      if (ip == 0 || end <= offset || time >= skim_.end) continue;
      const TraceStream* ran = nullptr;
      for_each_lane(
          stream, time, time, offset,
          [&](const TraceStream& lane, uint64_t, uint64_t) { ran = &lane; });
      if (ran != nullptr) {
        count(*ran, ip, end - offset, time, stretch_.time_at(end));
      }
    }
  }

  // What follows an IP is of its function.
  void count(const TraceStream& lane, uint64_t ip, uint64_t bytes,
             uint64_t begin, uint64_t end) {
    SkimThread* thread = thread_of(lane);
    if (thread == nullptr) return;
    auto& functions = functions_[&lane];
    if (!functions) {
      functions = std::make_unique<StreamFunctions>(names_, lane, seen_);
    }
    const FunctionPart part = functions->at(ip, skim_.has_time ? begin : 0);
    if (part.function == nullptr) return;
    for_each_bucket(bytes, begin, end, [&](size_t bucket, uint64_t some) {
      SkimCell& cell = thread->cells[bucket];
      cell.functions[part.function->id] += some;
      cell.seen_bytes += some;
      skim_.seen_bytes += some;
    });
  }

  Trace& trace_;
  const std::vector<const TraceStream*>& streams_;
  const std::function<bool(const TraceStream& lane)>& wanted_;
  Names& names_;
  SeenFunctions& seen_;
  const SkimOptions& options_;
  Skim skim_;
  uint64_t all_bytes_ = 0;
  std::vector<uint64_t> next_;  // where the bucket behind each begins
  std::vector<uint8_t> buffer_;
  Stretch stretch_;
  std::unordered_map<const TraceStream*, size_t> by_lane_;
  std::map<std::tuple<bool, uint32_t, uint32_t, uint32_t>, size_t> by_key_;
  std::unordered_map<const TraceStream*, std::unique_ptr<StreamFunctions>>
      functions_;
};

}  // namespace

uint64_t Skim::bucket_begin(size_t i, size_t count) const {
  // The first position that bucket_of() puts there.
  const auto all = static_cast<unsigned __int128>(end - begin) * i;
  return begin + static_cast<uint64_t>((all + count - 1) / count);
}

Skim skim(Trace& trace, const std::vector<const TraceStream*>& streams,
          const std::function<bool(const TraceStream& lane)>& wanted,
          Names& names, SeenFunctions& seen, const SkimOptions& options) {
  return Skimmer(trace, streams, wanted, names, seen, options).run();
}

}  // namespace ptcap::decode
