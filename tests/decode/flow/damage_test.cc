// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Every byte of a stream flipped, and the stream cut at every byte: decoding
// ends, and from the next PSB on the rows are the true ones.

#include <string>

#include "formats/pt/scanner.h"
#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class DamageTest : public FlowTest {
 protected:
  void SetUp() override {
    // 1000: jz 1008; nop; nop; call 1020; / 1008 ... 1020: jnz 1023; nop; ret
    code(0x1000, "7406 9090 9090 9090 e813000000 ebf1");
    code(0x1020, "7501 90 c3 ffe0 0f05");
  }

  // Rounds of the loop at 1000, with a PSB in front of each.
  Packets stream(unsigned rounds) {
    Packets packets;
    for (unsigned i = 0; i < rounds; ++i) {
      packets.psb(0x1000, 1000 + i);
      packets.tnt(i % 2 == 0 ? "tnt" : "ntt").tnt(i % 3 == 0 ? "ntt" : "tnt");
    }
    packets.psb(0x1000, 2000).fup(0x1000).pgd();
    return packets;
  }

  std::string rows(const std::vector<uint8_t>& bytes) {
    Packets packets;
    packets.append(bytes);
    return branches(packets, /*not_taken=*/true);
  }

  // The rows of what begins at the first PSB behind `offset`, but for the
  // first of them, which says how it began.
  std::string true_rest(const std::vector<uint8_t>& bytes, uint64_t offset) {
    const auto psb = pt::find_psb(bytes, offset);
    if (!psb) return "";
    const std::string rest =
        rows({bytes.begin() + static_cast<long>(*psb), bytes.end()});
    return rest.substr(rest.find('\n') + 1);
  }
};

TEST_F(DamageTest, FlippedBytesEndAtTheNextPsb) {
  const auto whole = stream(6).bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const uint8_t flip : {0x01, 0x10, 0x55, 0xff}) {
      auto damaged = whole;
      damaged[at] ^= flip;
      const std::string got = rows(damaged);
      ASSERT_TRUE(got.ends_with(true_rest(whole, at + 1)))
          << "byte " << at << " ^ " << unsigned{flip} << ":\n"
          << got << "instead of ...\n"
          << true_rest(whole, at + 1);
    }
  }
}

TEST_F(DamageTest, ACutStreamKeepsWhatIsBeforeTheCut) {
  const auto whole = stream(6).bytes();
  const std::string all = rows(whole);
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string got = rows({whole.begin(), whole.begin() + size});
    const size_t last = got.rfind('\n', got.size() - 2);
    if (last == std::string::npos) continue;
    ASSERT_TRUE(all.starts_with(got.substr(0, last + 1)))
        << "cut at " << size << ":\n"
        << got;
  }
}

}  // namespace
}  // namespace ptcap::decode
