// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What is written as perf.data, perf reads, and so does the reader.

#include "formats/perf_data/perf_data_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/formats/ptz/flow_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class PerfDataWriter : public FlowTest {
 protected:
  PerfDataWriter() : exported_(path() + ".data") {}
  ~PerfDataWriter() override { unlink(exported_.c_str()); }

  PerfDataSummary export_as(PerfDataForm form) {
    const int fd =
        open(exported_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EXPECT_GE(fd, 0);
    return write_perf_data(read(), fd, exported_, form);
  }

  Content exported_content(Container container) {
    Messages found;
    const TraceReader reader(exported_, found);
    EXPECT_EQ(reader.container(), container);
    EXPECT_THAT(found.all, ::testing::IsEmpty());
    return read_content(reader);
  }

  const std::string exported_;
};

TEST_F(PerfDataWriter, PerfDecodesTheFile) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  start();
  write_flow(1);
  finish();
  export_as(PerfDataForm::kFile);
  EXPECT_EQ(perf_branches("", exported_), expected_branches());
}

TEST_F(PerfDataWriter, PerfDecodesTheStream) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  start();
  write_flow(1);
  finish();
  export_as(PerfDataForm::kPipe);
  EXPECT_EQ(perf_branches("cat " + exported_ + " |", "-"), expected_branches());
}

TEST_F(PerfDataWriter, PerfDecodesManyPieces) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  constexpr int kPasses = 20'000;
  start({.frame_size_bytes = 4096});
  write_flow(kPasses);
  finish();
  export_as(PerfDataForm::kFile);
  EXPECT_THAT(perf_branches("", exported_),
              SizeIs(kBranchesPerPass * kPasses + 2));
}

TEST_F(PerfDataWriter, PerfReportShowsTheHeader) {
  if (!have_perf()) GTEST_SKIP() << "perf (package linux-perf) is not here";
  start();
  write_flow(1);
  finish();
  export_as(PerfDataForm::kFile);
  const CommandResult result =
      run_command("perf report --header-only -i " + exported_);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("cpuid : GenuineIntel,6,85,4"));
  EXPECT_THAT(result.output, HasSubstr("contains AUX area data"));
}

TEST_F(PerfDataWriter, TheReaderFindsTheSame) {
  start({.frame_size_bytes = 4096});
  write_flow(5000);
  for (uint64_t i = 0; i < 50; ++i) aux(7, psb_stretch(i, 999));
  finish();
  const Content whole = content();
  for (const auto& [form, container] :
       {std::pair{PerfDataForm::kFile, Container::kPerfFile},
        std::pair{PerfDataForm::kPipe, Container::kPerfPipe}}) {
    const PerfDataSummary summary = export_as(form);
    const Content found = exported_content(container);
    EXPECT_EQ(found.comms, whole.comms);
    EXPECT_EQ(found.other_types.size(), whole.other_types.size());
    // In padding the end of a stream may differ: perf's form has it uncounted.
    for (const auto& [idx, bytes] : whole.aux) {
      Buffer padded = bytes;
      padded.resize((bytes.size() + 7) / 8 * 8);
      EXPECT_EQ(found.aux.at(idx), padded) << idx;
    }
    EXPECT_EQ(summary.records, whole.comms.size() + whole.other_types.size());
    EXPECT_EQ(summary.aux_bytes,
              whole.aux.at(0).size() + whole.aux.at(7).size());
    EXPECT_EQ(summary.lost_aux_bytes, 0u);
  }
}

TEST_F(PerfDataWriter, WhatPerfDoesNotKnowIsLeftOutAndCounted) {
  start();
  comm("known");
  Buffer unknown = comm_record("unknown");
  unknown[0] = 99;
  writer().add_record(unknown);
  finish();
  EXPECT_EQ(export_as(PerfDataForm::kFile).unknown_records, 1u);
  EXPECT_THAT(exported_content(Container::kPerfFile).comms,
              ::testing::ElementsAre("known"));
}

TEST_F(PerfDataWriter, DamagedAuxDataAreCounted) {
  start();
  comm("c");
  aux(0, psb_stretch(1, 50'000));
  const size_t at = bytes().size() + 100;
  finish();
  flip(at);
  const PerfDataSummary summary = export_as(PerfDataForm::kFile);
  EXPECT_EQ(summary.aux_bytes, 0u);
  EXPECT_EQ(summary.lost_aux_bytes, psb_stretch(1, 50'000).size());
}

TEST_F(PerfDataWriter, AFullDiskIsAnError) {
  start();
  comm("c");
  finish();
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  try {
    write_perf_data(read(), fd, "out.data", PerfDataForm::kPipe);
    FAIL() << "written to a full device";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("out.data: No space left"));
  }
}

}  // namespace
}  // namespace ptcap::formats::testing
