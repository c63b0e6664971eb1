// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The forms in which perf writes a trace, each decoded to the branches that
// ran: compressed, in a directory, as snapshots, in samples. And by perf, where
// it takes what is built here.

#include <fcntl.h>
#include <zstd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "decode/cli/command.h"
#include "formats/perf/record_builder.h"
#include "formats/perf_data/aux_samples.h"
#include "formats/perf_data/perf_data_writer.h"
#include "tests/formats/ptz/flow_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kAuxtrace = 71;

// A record with the data that follow it.
struct Piece {
  uint32_t type = 0;
  Buffer bytes;         // of the record
  Buffer data;          // of AUXTRACE
  uint64_t offset = 0;  // of an AUXTRACE's data in the stream
};

class PerfForms : public FlowTest {
 protected:
  static constexpr int kPasses = 2000;

  PerfForms() {
    start({.frame_size_bytes = 4096});
    write_flow(kPasses);
    finish();
    folder_ = path() + ".forms";
    std::filesystem::create_directories(folder_);
  }
  ~PerfForms() override { std::filesystem::remove_all(folder_); }

  std::string in_folder(const std::string& name) const {
    return folder_ + "/" + name;
  }

  Buffer exported(PerfDataForm form) {
    const std::string name = in_folder("exported");
    const int fd =
        open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    write_perf_data(read(), fd, name, form);
    return file(name);
  }
  static Buffer file(const std::string& name) {
    std::ifstream in(name);
    return Buffer(std::istreambuf_iterator<char>(in), {});
  }
  static void write(const std::string& name, const Buffer& bytes) {
    std::ofstream(name).write(reinterpret_cast<const char*>(bytes.data()),
                              static_cast<std::streamsize>(bytes.size()));
  }

  // The records of a pipe stream, and back.
  static std::vector<Piece> pieces(const Buffer& stream) {
    std::vector<Piece> all;
    for (size_t at = kPipeHeaderSize; at < stream.size();) {
      const Record record =
          parse_record(Bytes(stream).subspan(at), RecordFormat(), at);
      const uint64_t data = payload_size(record);
      const auto begin = stream.begin() + static_cast<long>(at);
      const auto behind = begin + record.header.size;
      Piece piece{record.header.type, Buffer(begin, behind),
                  Buffer(behind, behind + static_cast<long>(data)), 0};
      if (const auto* aux = std::get_if<AuxtraceRecord>(&record.body)) {
        piece.offset = aux->offset;
      }
      all.push_back(std::move(piece));
      at += record.header.size + data;
    }
    return all;
  }
  static Buffer stream(const std::vector<Piece>& pieces) {
    Buffer bytes;
    append_pipe_header(bytes);
    for (const Piece& piece : pieces) {
      bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
      bytes.insert(bytes.end(), piece.data.begin(), piece.data.end());
    }
    return bytes;
  }

  // All bytes of the only AUX stream.
  static Buffer aux_of(const std::vector<Piece>& pieces) {
    Buffer all;
    for (const Piece& piece : pieces) {
      if (piece.type != kAuxtrace) continue;
      all.resize(piece.offset);  // over the padding of the one before
      all.insert(all.end(), piece.data.begin(), piece.data.end());
    }
    return all;
  }
  // An AUXTRACE record of `size` bytes from `offset` on.
  static Piece auxtrace(const Piece& model, const Buffer& aux, uint64_t offset,
                        uint64_t size) {
    Piece piece = model;
    piece.data.assign(aux.begin() + static_cast<long>(offset),
                      aux.begin() + static_cast<long>(offset + size));
    piece.offset = offset;
    std::memcpy(&piece.bytes[8], &size, 8);
    std::memcpy(&piece.bytes[16], &offset, 8);
    return piece;
  }

  // "from=>to" of each row, as perf_branches() has it.
  std::vector<std::string> our_branches(const std::string& name) {
    const std::string rows = in_folder("rows");
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(decode::ptdec_main(
                  {"branches", name, "--format", "tsv", "--force", "-o", rows}),
              decode::kExitOk);
    said_ = ::testing::internal::GetCapturedStderr();
    std::vector<std::string> branches;
    std::ifstream in(rows);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::vector<std::string> fields(1);
      for (const char c : line) {
        if (c == '\t') {
          fields.emplace_back();
        } else {
          fields.back() += c;
        }
      }
      if (fields[6] == "gap") ++gaps_;
      const auto shown = [](const std::string& ip) {
        return ip.empty() ? std::string("0") : ip;
      };
      branches.push_back(shown(fields[4]) + "=>" + shown(fields[5]));
    }
    return branches;
  }

  // What the trace itself has.
  std::vector<std::string> truth() {
    auto branches = our_branches(path());
    EXPECT_THAT(branches, SizeIs(kBranchesPerPass * kPasses + 2));
    return branches;
  }

  std::string folder_;
  std::string said_;
  size_t gaps_ = 0;
};

// -------------------------------------------------------------- compressed

// Kernel records, cut anywhere, in COMPRESSED ones; AUX data stay as they are.
std::vector<Piece> compressed(const std::vector<Piece>& pieces, uint32_t type) {
  constexpr size_t kCut = 100;
  const std::unique_ptr<ZSTD_CStream, decltype(&ZSTD_freeCStream)> zstd(
      ZSTD_createCStream(), &ZSTD_freeCStream);
  std::vector<Piece> all;
  Buffer kernel;
  auto flush = [&](size_t keep) {
    while (kernel.size() > keep) {
      const size_t size = std::min(kCut, kernel.size());
      Buffer packed(ZSTD_compressBound(size) + 64);
      ZSTD_inBuffer in{kernel.data(), size, 0};
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      ZSTD_compressStream2(zstd.get(), &out, &in, ZSTD_e_flush);
      packed.resize(out.pos);
      Piece piece{type, Buffer(8), {}, 0};
      if (type == 83) {  // says its size and is padded
        const uint64_t data_size = packed.size();
        piece.bytes.resize(16);
        std::memcpy(&piece.bytes[8], &data_size, 8);
        packed.resize((packed.size() + 7) / 8 * 8);
      }
      piece.bytes.insert(piece.bytes.end(), packed.begin(), packed.end());
      const auto record_size = static_cast<uint16_t>(piece.bytes.size());
      std::memcpy(&piece.bytes[0], &type, 4);
      std::memcpy(&piece.bytes[6], &record_size, 2);
      all.push_back(piece);
      kernel.erase(kernel.begin(), kernel.begin() + static_cast<long>(size));
    }
  };
  for (const Piece& piece : pieces) {
    if (piece.type < 64) {
      kernel.insert(kernel.end(), piece.bytes.begin(), piece.bytes.end());
      flush(kCut);
    } else {
      if (piece.type == kAuxtrace) flush(0);
      all.push_back(piece);
    }
  }
  flush(0);
  return all;
}

TEST_F(PerfForms, CompressedRecords) {
  const auto whole = pieces(exported(PerfDataForm::kPipe));
  for (const uint32_t type : {81u, 83u}) {
    write(in_folder("z"), stream(compressed(whole, type)));
    EXPECT_EQ(our_branches(in_folder("z")), truth()) << type;
    EXPECT_EQ(said_, "");
  }
}

TEST_F(PerfForms, DamagedCompressionIsReportedAndTheRestRead) {
  auto all = compressed(pieces(exported(PerfDataForm::kPipe)), 81);
  for (Piece& piece : all) {
    if (piece.type == 81) piece.bytes[12] ^= 0xff;
  }
  write(in_folder("z"), stream(all));
  our_branches(in_folder("z"));
  EXPECT_THAT(said_,
              ::testing::HasSubstr(in_folder("z") + ": record at offset"));
}

// --------------------------------------------------------------- directory

// The kernel's records go to data.0; in the file itself rounds take their room.
TEST_F(PerfForms, Directory) {
  Buffer head = exported(PerfDataForm::kFile);
  const auto records = pieces(exported(PerfDataForm::kPipe));
  Buffer kernel;
  for (const Piece& piece : records) {
    if (piece.type >= 64) continue;
    kernel.insert(kernel.end(), piece.bytes.begin(), piece.bytes.end());
    const auto at = std::search(head.begin(), head.end(), piece.bytes.begin(),
                                piece.bytes.end());
    ASSERT_NE(at, head.end());
    for (size_t i = 0; i < piece.bytes.size(); i += 8) {
      const uint64_t round = 68 | uint64_t{8} << 48;  // FINISHED_ROUND
      std::memcpy(&at[static_cast<long>(i)], &round, 8);
    }
  }
  const std::string directory = in_folder("perf.data");
  std::filesystem::create_directories(directory);
  write(directory + "/data", head);
  write(directory + "/data.0", kernel);
  EXPECT_EQ(our_branches(directory), truth());
  EXPECT_EQ(said_, "");
}

// --------------------------------------------------------------- snapshots

// Each snapshot has the last bytes of the buffer, some of them once more.
TEST_F(PerfForms, SnapshotsThatOverlap) {
  auto all = pieces(exported(PerfDataForm::kPipe));
  const Buffer aux = aux_of(all);
  const auto model =
      std::find_if(all.begin(), all.end(),
                   [](const Piece& piece) { return piece.type == kAuxtrace; });
  const Piece first = *model;
  std::erase_if(all,
                [](const Piece& piece) { return piece.type == kAuxtrace; });
  constexpr uint64_t kSnapshot = 1024, kNew = 800;
  for (uint64_t at = 0; at < aux.size(); at += kNew) {
    all.push_back(auxtrace(first, aux, at,
                           std::min<uint64_t>(kSnapshot, aux.size() - at)));
  }
  write(in_folder("snapshots"), stream(all));
  EXPECT_EQ(our_branches(in_folder("snapshots")), truth());
  if (!have_perf()) return;
  EXPECT_THAT(perf_branches("cat " + in_folder("snapshots") + " |", "-"),
              ::testing::Not(IsEmpty()));
}

// Between snapshots that do not touch there is one gap each, and what they
// hold is there.
TEST_F(PerfForms, SnapshotsApartAreGaps) {
  auto all = pieces(exported(PerfDataForm::kPipe));
  const Buffer aux = aux_of(all);
  const Piece first =
      *std::find_if(all.begin(), all.end(),
                    [](const Piece& piece) { return piece.type == kAuxtrace; });
  std::erase_if(all,
                [](const Piece& piece) { return piece.type == kAuxtrace; });
  const uint64_t part = aux.size() / 4;
  all.push_back(auxtrace(first, aux, 0, part));
  all.push_back(auxtrace(first, aux, 2 * part, part));
  write(in_folder("snapshots"), stream(all));
  const auto branches = our_branches(in_folder("snapshots"));
  EXPECT_EQ(gaps_, 1u);
  EXPECT_GT(branches.size(), kBranchesPerPass * kPasses / 4u);
  EXPECT_LT(branches.size(), kBranchesPerPass * kPasses * 3u / 4u);
}

// ----------------------------------------------------------------- samples

class AuxSampleForms : public PerfForms {
 protected:
  static constexpr uint64_t kSampleId = 77;

  // Instead of AUXTRACE records: samples that end at these offsets, each with
  // the last `size` bytes of the stream, in this order.
  std::vector<Piece> sampled(const std::vector<uint64_t>& ends, uint64_t size) {
    auto all = pieces(exported(PerfDataForm::kPipe));
    const Buffer aux = aux_of(all);
    std::erase_if(all,
                  [](const Piece& piece) { return piece.type == kAuxtrace; });
    abi::perf_event_attr attr = {};
    attr.type = 1;
    attr.sample_id_all = 1;
    attr.sample_type =
        abi::bits(abi::SampleType::kTid | abi::SampleType::kTime |
                  abi::SampleType::kId | abi::SampleType::kCpu |
                  abi::SampleType::kIdentifier | abi::SampleType::kAux);
    Buffer head;
    append_header_attr(head, attr, std::array{kSampleId});
    all.insert(all.begin(), {64, head, {}, 0});
    for (const uint64_t end : ends) {
      const uint64_t begin = end < size ? 0 : end - size;
      Sample sample;
      sample.pid = sample.tid = 4242;
      sample.time = 5000 + end;
      sample.cpu = 0;
      sample.id = sample.identifier = kSampleId;
      sample.aux = Bytes(aux).subspan(begin, end - begin);
      Buffer record;
      RecordBuilder(RecordFormat::of(attr)).append(record, sample);
      all.push_back({9, record, {}, 0});
    }
    return all;
  }
  uint64_t aux_size() {
    return aux_of(pieces(exported(PerfDataForm::kPipe))).size();
  }
};

// A PSB is in every 2 KiB.
TEST_F(AuxSampleForms, SamplesThatOverlapAreOneStream) {
  std::vector<uint64_t> ends;
  const uint64_t size = aux_size();
  for (uint64_t end = 1500; end < size; end += 1500) ends.push_back(end);
  ends.push_back(size);
  const auto all = sampled(ends, 4096);
  write(in_folder("samples"), stream(all));
  EXPECT_EQ(our_branches(in_folder("samples")), truth());
  for (const uint32_t type : {81u, 83u}) {
    write(in_folder("z"), stream(compressed(all, type)));
    EXPECT_EQ(our_branches(in_folder("z")), truth()) << type;
  }
}

// Rings of CPUs are written one after the other.
TEST_F(AuxSampleForms, SamplesAreTakenInOrderOfTime) {
  std::vector<uint64_t> ends;
  const uint64_t size = aux_size();
  for (uint64_t end = 1500; end < size; end += 1500) ends.push_back(end);
  ends.push_back(size);
  std::reverse(ends.begin(), ends.end());
  write(in_folder("samples"), stream(sampled(ends, 4096)));
  EXPECT_EQ(our_branches(in_folder("samples")), truth());
}

TEST_F(AuxSampleForms, BetweenSamplesApartAreGaps) {
  ASSERT_GT(aux_size(), 6500u);
  write(in_folder("samples"), stream(sampled({3000, 6500}, 2500)));
  const auto branches = our_branches(in_folder("samples"));
  EXPECT_GE(gaps_, 1u);
  EXPECT_GT(branches.size(), kBranchesPerPass * kPasses / 4u);
  EXPECT_LT(branches.size(), kBranchesPerPass * kPasses + 0u);
}

// By the PSB that both have, however much of the rest looks the same.
TEST(Overlap, IsWhatAPsbWithATimeSays) {
  constexpr size_t kTnts = 100;
  const auto loop = [](uint64_t tsc) {  // all the same but for the time
    Buffer bytes = psb_stretch(tsc, 0);
    bytes.resize(bytes.size() + kTnts, 0x06);
    return bytes;
  };
  const Buffer a = loop(1), b = loop(2), c = loop(3);
  const auto joined = [](const Buffer& x, const Buffer& y) {
    Buffer both = x;
    both.insert(both.end(), y.begin(), y.end());
    return both;
  };
  const Buffer ab = joined(a, b), bc = joined(b, c);
  EXPECT_EQ(perf_data::overlap(ab, bc), b.size());
  EXPECT_EQ(perf_data::overlap(ab, c), 0u);
  EXPECT_EQ(perf_data::overlap(a, b), 0u);
  EXPECT_EQ(perf_data::overlap(ab, ab), ab.size());
  // Both begin and end in the middle of a stretch.
  const Bytes early = Bytes(ab).first(ab.size() - 10);
  const Bytes late = Bytes(bc).subspan(0, bc.size() - 5);
  EXPECT_EQ(perf_data::overlap(early, late), b.size() - 10);
  EXPECT_EQ(perf_data::overlap(ab, Bytes(ab).subspan(20)), ab.size() - 20);
  EXPECT_EQ(perf_data::overlap({}, a), 0u);
  EXPECT_EQ(perf_data::overlap(a, {}), 0u);
  // The same time, but other bytes.
  Buffer other = joined(b, c);
  other[b.size() - 1] ^= 0x10;
  EXPECT_EQ(perf_data::overlap(ab, other), 0u);
}

}  // namespace
}  // namespace ptcap::formats::testing
