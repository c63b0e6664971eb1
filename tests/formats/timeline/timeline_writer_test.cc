// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/timeline/timeline_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/formats/timeline/fxt_reader.h"

namespace ptcap::formats {
namespace {

using nlohmann::json;

// main calls work twice; a gap; the thread ends inside main.
void write_small(TimelineWriter& writer) {
  const auto main_frame =
      writer.add_frame({.name = "main", .file = "a.cc", .line = 7});
  writer.begin_thread({.pid = 10, .tid = 11, .name = "worker"});
  writer.enter(1000, main_frame);
  const auto work = writer.add_frame({.name = "work<\"&\x01>"});
  writer.enter(1001, work);
  writer.leave(2500);
  writer.mark(2600, "gap: overflow");
  writer.enter(3000, work);
  writer.end_thread(4000);
  writer.finish();
}

std::string written(
    std::unique_ptr<TimelineWriter> (*make)(WriteBytes),
    const std::function<void(TimelineWriter&)>& use = write_small) {
  std::string bytes;
  use(*make([&](std::string_view part) { bytes += part; }));
  return bytes;
}

std::unique_ptr<TimelineWriter> make_speedscope(WriteBytes write) {
  return make_speedscope_writer(std::move(write), "a title");
}

TEST(ChromeWriter, SpansAndMarksAreEvents) {
  const json events = json::parse(written(make_chrome_writer))["traceEvents"];
  std::string phases;
  for (const json& event : events) phases += event["ph"].get<std::string>();
  EXPECT_EQ(phases, "MBBEiBEE");
  EXPECT_EQ(events[0]["args"]["name"], "worker");
  EXPECT_EQ(events[1]["name"], "main");
  EXPECT_EQ(events[1]["args"]["source"], "a.cc:7");
  EXPECT_EQ(events[1]["ts"], 1.0);
  EXPECT_EQ(events[2]["name"], "work<\"&\x01>");
  EXPECT_EQ(events[2]["ts"], 1.001);
  EXPECT_EQ(events[3]["ts"], 2.5);
  EXPECT_EQ(events[3]["tid"], 11);
  EXPECT_EQ(events[4]["name"], "gap: overflow");
  EXPECT_EQ(events[7]["ts"], 4.0);
}

TEST(ChromeWriter, NothingAtAllIsStillJson) {
  const std::string bytes =
      written(make_chrome_writer, [](TimelineWriter& w) { w.finish(); });
  EXPECT_TRUE(json::parse(bytes)["traceEvents"].empty());
}

TEST(ChromeWriter, NamesThatAreNotUtf8StillParse) {
  const std::string bytes = written(make_chrome_writer, [](TimelineWriter& w) {
    const auto frame = w.add_frame({.name = "\xff\xfe</script>"});
    w.begin_thread({.pid = 1, .tid = 1, .name = "\x80"});
    w.enter(1, frame);
    w.end_thread(2);
    w.finish();
  });
  EXPECT_EQ(json::parse(bytes)["traceEvents"][1]["name"],
            "\uFFFD\uFFFD</script>");
}

TEST(SpeedscopeWriter, EventsNestAndFramesAreListed) {
  const json file = json::parse(written(make_speedscope));
  EXPECT_EQ(file["name"], "a title");
  const json& frames = file["shared"]["frames"];
  EXPECT_EQ(frames[0]["name"], "main");
  EXPECT_EQ(frames[0]["line"], 7);
  EXPECT_EQ(frames[2]["name"], "gap: overflow");
  ASSERT_EQ(file["profiles"].size(), 1u);
  const json& profile = file["profiles"][0];
  EXPECT_EQ(profile["startValue"], 1000);
  EXPECT_EQ(profile["endValue"], 4000);
  std::string order;
  std::vector<int> open;
  for (const json& event : profile["events"]) {
    order += event["type"].get<std::string>();
    if (event["type"] == "O") {
      open.push_back(event["frame"]);
    } else {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), event["frame"]);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(order, "OOCOCOCC");
}

TEST(SpeedscopeWriter, AThreadWithoutEventsIsAnEmptyProfile) {
  const std::string bytes = written(make_speedscope, [](TimelineWriter& w) {
    w.begin_thread({.pid = 1, .tid = 2, .name = "idle"});
    w.end_thread(5);
    w.finish();
  });
  EXPECT_TRUE(json::parse(bytes)["profiles"][0]["events"].empty());
}

TEST(FxtWriter, ReadsBackAsTheSpecificationSays) {
  const std::string bytes = written(make_fxt_writer);
  const FxtTrace trace = FxtReader(bytes).read();
  EXPECT_EQ(trace.ticks_per_second, 1'000'000'000u);
  EXPECT_EQ(trace.threads.at(11), "worker");
  EXPECT_EQ(trace.process_of_thread.at(11), 10u);
  const std::string work = "work<\"&\x01>";
  const std::vector<FxtEvent> expected = {
      {'B', 1000, 10, 11, "main"}, {'B', 1001, 10, 11, work},
      {'E', 2500, 10, 11, work},   {'i', 2600, 10, 11, "gap: overflow"},
      {'B', 3000, 10, 11, work},   {'E', 4000, 10, 11, work},
      {'E', 4000, 10, 11, "main"}};
  EXPECT_EQ(trace.events, expected);
}

TEST(FxtWriter, MoreNamesThanTheStringTableHolds) {
  constexpr int kNames = 0x7fff + 100;
  const std::string bytes = written(make_fxt_writer, [](TimelineWriter& w) {
    w.begin_thread({.pid = 1, .tid = 1, .name = "t"});
    for (int i = 0; i < kNames; ++i) {
      w.enter(i, w.add_frame({.name = "f" + std::to_string(i)}));
      w.leave(i);
    }
    w.finish();
  });
  const FxtTrace trace = FxtReader(bytes).read();
  ASSERT_EQ(trace.events.size(), 2u * kNames);
  EXPECT_EQ(trace.events.back().name, "f" + std::to_string(kNames - 1));
}

TEST(FxtWriter, AnOverlongNameIsCut) {
  const std::string bytes = written(make_fxt_writer, [](TimelineWriter& w) {
    const auto frame = w.add_frame({.name = std::string(100'000, 'x')});
    w.begin_thread({.pid = 1, .tid = 1, .name = std::string(100'000, 'y')});
    w.enter(1, frame);
    w.end_thread(2);
    w.finish();
  });
  EXPECT_EQ(FxtReader(bytes).read().events[0].name.size(), 8192u);
}

}  // namespace
}  // namespace ptcap::formats
