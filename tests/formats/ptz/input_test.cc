// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a trace may come as, and what is none.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

#include "formats/io/error.h"
#include "formats/perf/record_builder.h"
#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Input : public TraceTest {
 protected:
  std::string error_of(const std::string& path) {
    Messages messages;
    try {
      const TraceReader reader(path, messages);
    } catch (const std::system_error& error) {
      return error.what();
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  }

  void set_text(const std::string& text) {
    set_bytes(Buffer(text.begin(), text.end()));
  }

  // A perf.data stream with one record and one piece of AUX data.
  static Buffer pipe_stream(const Buffer& aux) {
    Buffer bytes;
    append_pipe_header(bytes);
    append(bytes, comm_record("piped"));
    RecordBuilder().append(
        bytes, AuxtraceRecord{.size = aux.size(), .offset = 64, .idx = 2});
    append(bytes, aux);
    append(bytes, comm_record("behind"));
    return bytes;
  }

  static void append(Buffer& out, const Buffer& more) {
    out.insert(out.end(), more.begin(), more.end());
  }
};

TEST_F(Input, MissingFile) {
  EXPECT_THAT(error_of("/nonexistent/t.ptz"),
              HasSubstr("open /nonexistent/t.ptz: No such file"));
}

TEST_F(Input, Directory) {
  EXPECT_THAT(error_of("/usr"), HasSubstr("open /usr/data: No such file"));
}

TEST_F(Input, Device) {
  EXPECT_THAT(error_of("/dev/zero"), HasSubstr("/dev/zero (a device)"));
}

TEST_F(Input, EmptyFile) {
  set_text("");
  EXPECT_THAT(error_of(path()), HasSubstr(path() + ": empty file"));
}

TEST_F(Input, TextFiles) {
  for (const char* text : {"x", "PERFILE", "some text\nof lines\n"}) {
    set_text(text);
    EXPECT_THAT(error_of(path()), HasSubstr(path() + ": not a trace")) << text;
  }
}

TEST_F(Input, PerfPipeStream) {
  const Buffer aux = psb_stretch(1, 102);
  ASSERT_EQ(aux.size() % 8, 0u);
  set_bytes(pipe_stream(aux));
  TraceReader& reader = read();
  EXPECT_EQ(reader.container(), Container::kPerfPipe);
  EXPECT_FALSE(reader.salvaged());
  const Content found = content();
  EXPECT_THAT(found.comms, ElementsAre("piped", "behind"));
  EXPECT_EQ(found.aux.at(2), aux);
  EXPECT_EQ(read().aux_streams()[0].pieces[0].offset, 64u);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(Input, PerfPipeStreamIsReadUpToEachCut) {
  const Buffer aux = psb_stretch(1, 102);
  const Buffer whole = pipe_stream(aux);
  for (size_t size = whole.size(); size-- > 0;) {
    set_bytes(Buffer(whole.begin(), whole.begin() + size));
    if (!read_error().empty()) continue;
    const Content found = content();
    ASSERT_FALSE(found.comms.empty()) << size;
    EXPECT_EQ(found.comms[0], "piped");
    for (const auto& [idx, bytes] : found.aux) {
      EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), aux.begin()));
    }
  }
}

TEST_F(Input, PerfPipeStreamWithPaddedPieces) {
  // perf says sizes with the padding in, and offsets without.
  Buffer bytes;
  append_pipe_header(bytes);
  append(bytes, comm_record("c"));
  RecordBuilder().append(bytes, AuxtraceRecord{.size = 8, .offset = 0});
  append(bytes, {1, 2, 3, 0, 0, 0, 0, 0});
  RecordBuilder().append(bytes, AuxtraceRecord{.size = 8, .offset = 3});
  append(bytes, {4, 5, 6, 7, 8, 9, 10, 11});
  set_bytes(bytes);
  EXPECT_EQ(content().aux.at(0), (Buffer{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_F(Input, PipesAreSpooled) {
  start();
  comm("through a pipe");
  aux(0, psb_stretch(3, 100'000));
  finish();
  const Buffer all = bytes();
  const std::string fifo = path() + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::thread feeder([&] {
    std::ofstream out(fifo, std::ios::binary);
    out.write(reinterpret_cast<const char*>(all.data()),
              static_cast<std::streamsize>(all.size()));
  });
  Messages messages;
  const TraceReader reader(fifo, messages);
  feeder.join();
  unlink(fifo.c_str());
  const Content found = read_content(reader);
  EXPECT_THAT(found.comms, ElementsAre("through a pipe"));
  EXPECT_EQ(found.aux.at(0), psb_stretch(3, 100'000));
  EXPECT_THAT(messages.all, IsEmpty());
}

TEST_F(Input, ASpoolThatCannotBeMadeNamesTmpdir) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[1]);
  setenv("TMPDIR", "/nonexistent", 1);
  const std::string error = error_of("/dev/fd/" + std::to_string(ends[0]));
  unsetenv("TMPDIR");
  close(ends[0]);
  EXPECT_THAT(error, HasSubstr("/nonexistent (TMPDIR): No such file"));
}

TEST_F(Input, FramesOfOtherProgramsAreExplained) {
  // What `zstd` makes of a large perf.data stream: one frame without size.
  set_bytes({0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x01, 0x00, 0x00});
  EXPECT_THAT(read_error(), HasSubstr(path() + ": no readable record"));
  EXPECT_THAT(messages(), ::testing::Contains(HasSubstr("unknown size")));
}

}  // namespace
}  // namespace ptcap::formats::testing
