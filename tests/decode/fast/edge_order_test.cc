// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Edges in order: those of libipt's flow, and of the published lists; and the
// cycles that CYC packets had counted when each was taken.

#include <gtest/gtest.h>
#include <ptcap/coverage.h>

#include <iterator>
#include <map>
#include <set>

#include "decode/fast/counting_engine.h"
#include "formats/pt/packet.h"
#include "formats/pt/packet_writer.h"
#include "formats/pt/scanner.h"
#include "tests/decode/fast/corpus.h"
#include "tests/decode/fast/random_trace.h"

namespace ptcap::decode::fast {
namespace {

struct TimedEdges {
  std::vector<Edge> edges;
  std::vector<uint64_t> cycles;
};

// A buffer of `capacity` edges at a time.
TimedEdges edges_of(CountingEngine& engine, std::span<const uint8_t> trace,
                    size_t capacity, bool with_cycles = false) {
  TimedEdges all;
  std::vector<Edge> edges(capacity);
  std::vector<uint64_t> cycles(with_cycles ? capacity : 0);
  EdgeWriter writer(edges, cycles, [&](size_t count) {
    all.edges.insert(all.edges.end(), edges.begin(),
                     edges.begin() + static_cast<long>(count));
    if (!with_cycles) return;
    all.cycles.insert(all.cycles.end(), cycles.begin(),
                      cycles.begin() + static_cast<long>(count));
  });
  engine.decode(trace, writer);
  return all;
}

// What libipt's items say.
std::vector<Edge> edges_of(const std::vector<FlowItem>& items) {
  std::vector<Edge> all;
  std::vector<Edge> edges(64);
  EdgeWriter writer(edges, {}, [&](size_t count) {
    all.insert(all.end(), edges.begin(),
               edges.begin() + static_cast<long>(count));
  });
  FlowCounter counter;
  counter.set_order(&writer);
  counter.add(items);
  writer.flush();
  return all;
}

TEST(EdgeOrderRandom, GivesTheEdgesOfLibipt) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20 + static_cast<int>(seed % 7) * 300);
    const auto expected =
        edges_of(flow_of_libipt(trace.bytes, trace.code, {}, {}));
    CountingEngine engine(trace.code, {});
    for (const size_t capacity : {1000, 7, 1}) {
      ASSERT_EQ(edges_of(engine, trace.bytes, capacity).edges, expected);
    }
  }
}

TEST(EdgeOrderRandom, GivesTheEdgesOfLibiptWhereBytesAreDamaged) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTrace trace(seed, 800);
    std::mt19937_64 random(seed);
    for (uint64_t i = 0; i <= seed % 4; ++i) damage(trace.bytes, random);
    if (libipt_is_fickle(trace.bytes)) continue;
    const auto expected = edges_of(
        flow_of_libipt(trace.bytes, trace.code, {}, {.by_segment = true}));
    CountingEngine engine(trace.code, {});
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(edges_of(engine, trace.bytes, 100).edges, expected);
    }
  }
}

TEST(EdgeOrderRandom, LittleMemoryGivesTheSame) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 20'000);
    const auto expected =
        edges_of(flow_of_libipt(trace.bytes, trace.code, {}, {}));
    CountingEngine engine(trace.code, {.limit_bytes = 600'000});
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(edges_of(engine, trace.bytes, 100).edges, expected);
    }
  }
}

// Asking for edges and counting use the same memory, but not the same counts.
TEST(EdgeOrderRandom, CountsAreThoseOfEveryRun) {
  const RandomTrace trace(3, 2000);
  CountingEngine engine(trace.code, {});
  engine.decode(trace.bytes);
  const FlowCounts once = engine.take_counts();
  edges_of(engine, trace.bytes, 100);
  EXPECT_EQ(engine.take_counts(), once);
  edges_of(engine, trace.bytes, 100);
  engine.forget_counts();
  engine.decode(trace.bytes);
  EXPECT_EQ(engine.take_counts(), once);
}

// The trace with a CYC in front of most packets that tell of flow.
std::vector<uint8_t> add_cyc(std::span<const uint8_t> trace,
                             std::mt19937_64& random) {
  std::vector<uint8_t> out;
  pt::PacketScanner scanner(trace);
  pt::Packet packet;
  for (uint64_t begin = 0; scanner.next(packet); begin = scanner.offset()) {
    uint8_t bytes[pt::kMaxWriteSize];
    if (packet.type != pt::PacketType::kPsb && random() % 4 != 0) {
      const uint8_t* end = pt::put_cyc(bytes, random() >> (40 + random() % 20));
      out.insert(out.end(), bytes, bytes + (end - bytes));
    }
    out.insert(out.end(), trace.begin() + static_cast<long>(begin),
               trace.begin() + static_cast<long>(scanner.offset()));
  }
  return out;
}

// The packets from where so many cycles were counted on.
std::string packets_at(std::span<const uint8_t> bytes, uint64_t from) {
  std::string text;
  pt::PacketScanner scanner(bytes);
  pt::Packet packet;
  uint64_t cycles = 0;
  for (unsigned shown = 0; shown < 12 && scanner.next(packet);) {
    if (packet.type == pt::PacketType::kCyc) cycles += packet.value;
    if (cycles < from) continue;
    text += std::string(" ") + pt::packet_name(packet.type);
    ++shown;
  }
  return text;
}

// Whether packets that belong together have begun and not ended: a PSB+, and
// what stands in front of the TIP or FUP that it is about.
class Group {
 public:
  bool is_open() const { return end_ != pt::PacketType::kPad; }

  void pass(const pt::Packet& packet) {
    using pt::PacketType;
    const bool is_tip = packet.type == PacketType::kTip ||
                        packet.type == PacketType::kTipPge ||
                        packet.type == PacketType::kTipPgd;
    if (packet.type == PacketType::kPsb) {
      end_ = PacketType::kPsbEnd;
    } else if (packet.type == end_ || (end_ == PacketType::kTip && is_tip)) {
      end_ = PacketType::kPad;
    } else if (is_open()) {
      return;
    } else if (packet.type == PacketType::kFup ||
               packet.type == PacketType::kModeExec) {
      end_ = PacketType::kTip;
    } else if (packet.type == PacketType::kModeTsx) {
      end_ = (packet.value & 2) != 0 ? PacketType::kTip : PacketType::kFup;
    }
  }

 private:
  pt::PacketType end_ = pt::PacketType::kPad;  // none
};

// Those that no packet decides on.
void add_direct(CountingEngine& engine, std::set<Edge>& direct) {
  for (const EdgeCount& count : engine.take_counts().edges) {
    if (count.branch == BranchClass::kJump ||
        count.branch == BranchClass::kCall) {
      direct.insert(count.edge);
    }
  }
}

// The cycles of each edge that a packet decides on, found by decoding the
// trace up to each CYC. (A direct jump has those of what comes behind it.)
TEST(EdgeOrderRandom, CyclesAreThoseInFrontOfThePacketOfAnEdge) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomTrace trace(seed, 120);
    std::mt19937_64 random(seed);
    const std::vector<uint8_t> bytes = add_cyc(trace.bytes, random);
    CountingEngine counting(trace.code, {});
    counting.decode(bytes);
    std::set<Edge> direct;
    add_direct(counting, direct);
    // Edges that were decided on in front of each CYC. Those inside of packets
    // that belong together count behind them.
    std::map<size_t, uint64_t> cycles_from = {{0, 0}};
    pt::PacketScanner scanner(bytes);
    pt::Packet packet;
    uint64_t cycles = 0;
    Group group;
    bool pending = false;
    while (scanner.next(packet)) {
      if (packet.type == pt::PacketType::kCyc) {
        cycles += packet.value;
        pending = true;
      }
      group.pass(packet);
      if (group.is_open() || !pending) continue;
      pending = false;
      CountingEngine cut(trace.code, {});
      const auto front = std::span(bytes).first(scanner.offset());
      auto edges = edges_of(cut, front, 100, false).edges;
      add_direct(cut, direct);  // which may have run ahead
      while (!edges.empty() && direct.contains(edges.back())) edges.pop_back();
      cycles_from[edges.size()] = cycles;
    }
    CountingEngine engine(trace.code, {});
    for (int round = 0; round < 3; ++round) {
      const TimedEdges got = edges_of(engine, bytes, 50, true);
      ASSERT_EQ(got.edges, edges_of(counting, bytes, 100).edges);
      for (size_t i = 0; i < got.edges.size(); ++i) {
        if (direct.contains(got.edges[i])) continue;
        const auto at = std::prev(cycles_from.upper_bound(i));
        ASSERT_EQ(got.cycles[i], at->second)
            << "round " << round << " edge " << i << " of " << got.edges.size()
            << ':' << packets_at(bytes, got.cycles[i]);
      }
    }
  }
}

// The plain C interface gives the same.
struct EdgesByC {
  ptcap_edge edges[64];
  uint64_t cycles[64];
  TimedEdges all;

  static void take(void* context, size_t count) {
    auto& self = *static_cast<EdgesByC*>(context);
    for (size_t i = 0; i < count; ++i) {
      self.all.edges.push_back({self.edges[i].from, self.edges[i].to});
      self.all.cycles.push_back(self.cycles[i]);
    }
  }
};

TEST(CoverageApi, GivesEdgesInOrder) {
  const RandomTrace trace(1, 2000);
  std::mt19937_64 random(1);
  const std::vector<uint8_t> bytes = add_cyc(trace.bytes, random);
  std::vector<ptcap_image> images;
  for (const CodeRange& range : trace.code->ranges()) {
    images.push_back({range.address, range.bytes.data(), range.bytes.size()});
  }
  ptcap_coverage* coverage =
      ptcap_coverage_new(images.data(), images.size(), nullptr);
  ASSERT_NE(coverage, nullptr);
  CountingEngine engine(trace.code, {});
  const TimedEdges expected = edges_of(engine, bytes, 100, true);
  for (int round = 0; round < 3; ++round) {
    EdgesByC got;
    const ptcap_edge_buffer buffer = {
        got.edges, got.cycles, std::size(got.edges), EdgesByC::take, &got};
    ptcap_coverage_result result;
    EXPECT_EQ(ptcap_coverage_edges(coverage, bytes.data(), bytes.size(),
                                   &buffer, &result),
              PTCAP_COVERAGE_COMPLETE);
    EXPECT_EQ(result.edges, expected.edges.size());
    EXPECT_EQ(result.gaps, 0u);
    EXPECT_EQ(got.all.edges, expected.edges);
    EXPECT_EQ(got.all.cycles, expected.cycles);
  }
  EXPECT_EQ(ptcap_coverage_edges(coverage, bytes.data(), bytes.size(), nullptr,
                                 nullptr),
            PTCAP_COVERAGE_FAILED);
  ptcap_coverage_free(coverage);
}

class EdgeOrderCorpus : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(corpus_folder())) {
      GTEST_SKIP() << "no corpus of real traces in " << corpus_folder()
                   << "; PTCAP_SHARED says where it is";
    }
  }
};

TEST_P(EdgeOrderCorpus, GivesThePublishedEdges) {
  const CorpusTrace trace(GetParam());
  const auto expected = published_edges(GetParam());
  CountingEngine engine(trace.code, {.settings = trace.settings});
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(edges_of(engine, trace.bytes, 4096).edges, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, EdgeOrderCorpus,
                         testing::Values("Unzip", "foo", "avscript_32",
                                         "icelake_tip", "dyn_test"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ptcap::decode::fast
