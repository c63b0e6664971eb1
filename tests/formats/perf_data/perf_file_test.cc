// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf.data files as no perf would write them.

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "formats/perf/header_feature.h"
#include "formats/perf/record_builder.h"
#include "formats/perf_data/layout.h"
#include "formats/perf_data/perf_data_writer.h"
#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using perf_data::FileHeader;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PerfFile : public TraceTest {
 protected:
  // A file with an attr with two ids, a feature, two COMMs and AUX data.
  PerfFile() {
    start();
    Buffer attr;
    append_header_attr(attr, {.type = 1}, std::array<uint64_t, 2>{5, 6});
    writer().add_record(attr);
    Buffer feature;
    append_string_feature(feature, HeaderFeature::kHostname, "here");
    writer().add_record(feature);
    comm("one");
    comm("two");
    aux(0, psb_stretch(1, 102));
    finish();
    const int fd = open((path() + ".data").c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    write_perf_data(read(), fd, "exported", PerfDataForm::kFile);
    rename((path() + ".data").c_str(), path().c_str());
    whole_ = bytes();
    std::memcpy(&header_, whole_.data(), sizeof(header_));
  }

  // The file with header_ as it is now.
  void set_header() {
    Buffer changed = whole_;
    std::memcpy(changed.data(), &header_, sizeof(header_));
    set_bytes(changed);
  }

  void expect_only_reported(const std::string& what) {
    set_header();
    EXPECT_THAT(content().comms, ElementsAre("one", "two"));
    EXPECT_THAT(messages(), Contains(HasSubstr(path() + ": " + what)));
    EXPECT_TRUE(read().salvaged());
  }

  Buffer whole_;
  FileHeader header_;
};

TEST_F(PerfFile, TheHeadComesAsRecords) {
  std::vector<uint32_t> types;
  uint64_t ids = 0;
  std::string host;
  read().for_each_record([&](Bytes bytes, uint64_t offset) {
    const Record record = parse_record(bytes, {}, offset);
    types.push_back(record.header.type);
    if (const auto* attr = std::get_if<HeaderAttrRecord>(&record.body)) {
      ids = attr->ids.size();
    }
    if (const auto* f = std::get_if<HeaderFeatureRecord>(&record.body)) {
      host = parse_string_feature(f->data);
    }
  });
  EXPECT_THAT(types, ElementsAre(64, 80, 3, 3));
  EXPECT_EQ(ids, 2u);
  EXPECT_EQ(host, "here");
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(PerfFile, AttrsOfANonsensicalSize) {
  header_.attr_size = 7;
  expect_only_reported("attrs of 7 bytes each at offset 16");
}

TEST_F(PerfFile, AttrsBeyondTheEnd) {
  header_.attrs.size = 1 << 30;
  expect_only_reported("attrs beyond the end of the file");
}

TEST_F(PerfFile, FeaturesThatAreNotThere) {
  header_.features[3] = ~0ull;
  set_header();
  EXPECT_THAT(content().comms, ElementsAre("one", "two"));
  EXPECT_THAT(messages(), Contains(HasSubstr("feature")));
}

TEST_F(PerfFile, DataWithoutSize) {
  header_.data.size = 0;
  set_header();
  const Content found = content();
  EXPECT_THAT(found.comms, ElementsAre("one", "two"));
  EXPECT_EQ(found.aux.at(0), psb_stretch(1, 102));
  EXPECT_THAT(messages(), Contains(HasSubstr("perf did not finish")));
}

TEST_F(PerfFile, DataBeyondTheEnd) {
  header_.data.size = 1ull << 62;
  set_header();
  EXPECT_THAT(content().comms, ElementsAre("one", "two"));
  EXPECT_THAT(messages(), Contains(HasSubstr("of which the file has")));
}

TEST_F(PerfFile, DataThatBeginBeyondTheEnd) {
  header_.data.offset = 1ull << 62;
  set_header();
  EXPECT_THAT(read_error(), HasSubstr(path() + ": no data"));
}

TEST_F(PerfFile, AHeaderOfAnotherSize) {
  header_.size = 24;
  set_header();
  EXPECT_THAT(read_error(), HasSubstr("perf.data header of 24 bytes"));
}

TEST_F(PerfFile, ABigEndianFile) {
  header_.magic = perf_data::kSwappedMagic;
  set_header();
  EXPECT_THAT(read_error(), HasSubstr("big-endian"));
}

TEST_F(PerfFile, EveryCutIsReadOrRefused) {
  for (size_t size = whole_.size(); size-- > 0;) {
    set_bytes(Buffer(whole_.begin(), whole_.begin() + size));
    if (const std::string error = read_error(); !error.empty()) {
      EXPECT_THAT(error, HasSubstr(path()));
      continue;
    }
    EXPECT_LE(content().comms.size(), 2u);
    EXPECT_TRUE(read().salvaged()) << size;
  }
}

TEST_F(PerfFile, EveryFlippedByteIsReadOrRefused) {
  for (size_t at = 0; at < whole_.size(); ++at) {
    flip(at);
    if (const std::string error = read_error(); !error.empty()) {
      EXPECT_THAT(error, HasSubstr(path())) << at;
    } else {
      read().for_each_record(
          [](Bytes record, uint64_t) { EXPECT_GE(record.size(), 8u); });
    }
    set_bytes(whole_);
  }
}

}  // namespace
}  // namespace ptcap::formats::testing
