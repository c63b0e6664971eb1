// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A file of version 1.0, byte for byte as formats/FORMAT.md says it, with none
// of the writer's code: it must be read by every later version.

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/formats/ptz/trace_fixture.h"

namespace ptcap::formats::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Little-endian numbers and texts, one behind the other.
class Text {
 public:
  Text& u8(uint8_t v) { return number(v, 1); }
  Text& u16(uint16_t v) { return number(v, 2); }
  Text& u32(uint32_t v) { return number(v, 4); }
  Text& u64(uint64_t v) { return number(v, 8); }
  Text& text(const std::string& s) {
    bytes_.insert(bytes_.end(), s.begin(), s.end());
    return *this;
  }
  Text& add(const Buffer& more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  const Buffer& bytes() const { return bytes_; }
  operator const Buffer&() const { return bytes_; }

 private:
  Text& number(uint64_t v, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(v >> (8 * i));
    return *this;
  }
  Buffer bytes_;
};

// A zstd frame with one raw block, without its magic.
Buffer zstd_body(const Buffer& content) {
  Text out;
  out.u8(0xA4).u32(content.size());  // content size in 4 bytes, checksum
  const uint32_t header = static_cast<uint32_t>(content.size()) << 3 | 1;
  out.u16(header & 0xffff).u8(header >> 16).add(content);
  return out.u32(XXH64(content.data(), content.size(), 0));
}

Buffer data_frame(const Buffer& content) {
  return Text().u32(0xFD2FB528).add(zstd_body(content));
}

Buffer own_frame(const std::string& tag, const Buffer& rest) {
  const Text hashed = Text().text(tag).add(rest);
  return Text()
      .u32(0x184D2A57)
      .u32(hashed.bytes().size() + 8)
      .add(hashed)
      .u64(XXH3_64bits(hashed.bytes().data(), hashed.bytes().size()));
}

class Version : public TraceTest {
 protected:
  const Buffer code_ = {0x90, 0xc3};

  Buffer image_id() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical,
                             XXH3_128bits(code_.data(), code_.size()));
    return Buffer(std::begin(canonical.digest), std::end(canonical.digest));
  }

  Buffer records() const {
    return Text()
        .text("PERFILE2")
        .u64(16)
        .u32(3)  // COMM
        .u16(0)
        .u16(8 + 4 + 4 + 8)
        .u32(1)
        .u32(1)
        .text("oldfile")
        .u8(0);
  }

  // PSB, TSC 5, PSBEND: 26 bytes and 6 of padding.
  Buffer aux() const {
    Text data;
    for (int i = 0; i < 8; ++i) data.u16(0x8202);
    return data.u64(0x519).u16(0x2302);
  }
  Buffer aux_content() const {
    return Text()
        .u32(71)
        .u16(0)
        .u16(48)
        .u64(32)
        .u64(4096)  // offset
        .u64(77)    // reference
        .u32(9)     // idx
        .u32(123)   // tid
        .u32(~0u)   // cpu
        .u32(6)     // padding
        .add(aux())
        .add(Buffer(6));
  }

  Buffer mapping() const {
    const Text fields = Text()
                            .u32(1)
                            .u32(9)
                            .u64(4096)
                            .u64(1000)
                            .u64(0x401000)
                            .u64(2)
                            .add(image_id())
                            .u64(0)
                            .u8(3)
                            .text("old");
    return Text().u8(fields.bytes().size()).add(fields);
  }

  Buffer ledger() const {
    const Text loss = Text()
                          .u8(4)
                          .u32(9)
                          .u32(1)
                          .u32(123)
                          .u32(~0u)
                          .u64(0)
                          .u64(4096)
                          .u64(10)
                          .u64(20)
                          .u8(4)
                          .text("gone");
    return Text()
        .u64(4096 + 26)
        .u64(26)
        .u64(0)
        .u8(1)
        .u8(loss.bytes().size())
        .add(loss);
  }

  std::vector<Buffer> frames() const {
    return {
        own_frame("ptzH", Text().u16(1).u16(0).u8(3).text("old")),
        own_frame("ptzI",
                  Text().add(image_id()).u64(2).u64(0).add(zstd_body(code_))),
        own_frame("ptzM", zstd_body(mapping())),
        data_frame(records()),
        data_frame(aux_content()),
        own_frame("ptzL", Text().u32(1).add(zstd_body(ledger()))),
    };
  }

  // A varint of at most two bytes.
  static Buffer varint(size_t n) {
    EXPECT_LT(n, 1u << 14);
    if (n < 128) return Text().u8(n);
    return Text().u8(n | 0x80).u8(n >> 7);
  }

  Buffer index(const std::vector<Buffer>& frames) const {
    const auto size = [&](size_t i) { return varint(frames[i].size()); };
    Text out;
    out.u64(0);                                              // first index
    out.u8(0).add(size(0)).u8(0);                            // header
    out.u8(3).add(size(1)).u8(0).add(image_id());            // image
    out.u8(2).u8(0).u8(2);                                   //
    out.u8(4).add(size(2)).u8(0);                            // mappings
    out.u8(1).add(size(3)).u8(records().size());             // records
    out.u8(0).u8(0);                                         //   no times
    out.u8(2).add(size(4)).u8(aux_content().size());         // AUX
    out.u32(9).u32(123).u32(~0u).u16(0x2080).u8(26).u8(77);  // 4096 = 80 20
    out.u8(1).u8(0).u8(1 + 2 * 5);                           //   a PSB, TSC 5
    out.u8(6).add(size(5)).u8(0);                            // ledger
    return out;
  }

  Buffer seek_table(const std::vector<Buffer>& frames) const {
    Text out;
    out.u32(0x184D2A5E).u32(frames.size() * 8 + 9);
    for (const Buffer& frame : frames) {
      const bool is_data = frame[0] == 0x28;
      const bool is_records = is_data && frame[12 + 0] == 'P';
      out.u32(frame.size());
      out.u32(!is_data     ? 0
              : is_records ? records().size()
                           : aux_content().size());
    }
    return out.u32(frames.size()).u8(0).u32(0x8F92EAB1);
  }

  void expect_all() {
    TraceReader& reader = read();
    const Content found = read_content(reader);
    EXPECT_THAT(found.comms, ElementsAre("oldfile"));
    EXPECT_EQ(found.aux.at(9), aux());
    ASSERT_EQ(reader.aux_streams().size(), 1u);
    const AuxStream& stream = reader.aux_streams()[0];
    EXPECT_EQ(stream.tid, 123u);
    EXPECT_EQ(stream.cpu, ~0u);
    EXPECT_EQ(stream.pieces[0].offset, 4096u);
    EXPECT_EQ(stream.pieces[0].reference, 77u);
    ASSERT_EQ(stream.psbs.size(), 1u);
    EXPECT_EQ(stream.psbs[0].offset, 4096u);
    EXPECT_EQ(stream.psbs[0].tsc, 5u);
    ASSERT_EQ(reader.code_mappings().size(), 1u);
    const CodeMapping& mapping = reader.code_mappings()[0];
    EXPECT_EQ(mapping.aux_idx, 9u);
    EXPECT_EQ(mapping.aux_offset, 4096u);
    EXPECT_EQ(mapping.time_ns, 1000u);
    EXPECT_EQ(mapping.address, 0x401000u);
    EXPECT_EQ(mapping.name, "old");
    EXPECT_EQ(reader.image(mapping.image), code_);
    ASSERT_TRUE(reader.ledger());
    const Ledger ledger = *reader.ledger();
    EXPECT_EQ(ledger.written_bytes, 26u);
    ASSERT_EQ(ledger.losses.size(), 1u);
    EXPECT_EQ(ledger.losses[0].cause, LossCause::kPtOverflow);
    EXPECT_EQ(ledger.losses[0].end_ns, 20u);
    EXPECT_EQ(ledger.losses[0].detail, "gone");
  }
};

TEST_F(Version, OneIsRead) {
  std::vector<Buffer> all = frames();
  all.push_back(own_frame("ptzX", zstd_body(index(all))));
  all.push_back(seek_table(all));
  Text file;
  for (const Buffer& frame : all) file.add(frame);
  set_bytes(file);
  expect_all();
  EXPECT_FALSE(read().salvaged());
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(Version, OneIsReadWithoutIndex) {
  Text file;
  for (const Buffer& frame : frames()) file.add(frame);
  set_bytes(file);
  expect_all();
}

TEST_F(Version, AnUnknownTagIsSkipped) {
  Text file;
  for (const Buffer& frame : frames()) {
    file.add(frame).add(own_frame("ptzZ", Text().text("later")));
  }
  set_bytes(file);
  expect_all();
}

TEST_F(Version, AHigherMajorIsRefused) {
  set_bytes(own_frame("ptzH", Text().u16(2).u16(0).u8(0)));
  EXPECT_THAT(read_error(),
              HasSubstr(path() + ": format version 2, this program reads 1"));
}

}  // namespace
}  // namespace ptcap::formats::testing
