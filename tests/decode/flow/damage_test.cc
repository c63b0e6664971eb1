// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Every byte of a stream flipped or dropped, and the stream cut at every byte:
// decoding ends, in little memory, no byte is passed over silently, and from
// the next PSB on the rows are the true ones. PTCAP_ROUNDS: that many values
// of each byte.

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "formats/pt/scanner.h"
#include "tests/decode/flow/flow_fixture.h"

namespace ptcap::decode {
namespace {

class DamageTest : public FlowTest {
 public:
  using FlowTest::Engine;

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

// A stream with every packet, by one engine.
class DamageAtScale : public DamageTest,
                      public testing::WithParamInterface<DamageTest::Engine> {
 protected:
  void SetUp() override {
    DamageTest::SetUp();
    code(0x2000, "90 f30faee0 90 ffe0");  // nop; ptwrite eax; nop; jmp rax
    code(0x3000, "90 90 0f05");
    settings_.clock = TimeConversion();
    settings_.mtc_freq = 3;
    settings_.tsc_ctc_numerator = 100;
    settings_.tsc_ctc_denominator = 1;
    settings_.nom_freq = 20;
    limit_memory();
  }
  void TearDown() override { setrlimit(RLIMIT_AS, &saved_); }

  // What a decoder may take beyond what the process has: far more than it
  // needs, and far less than a size that damage made up.
  static constexpr uint64_t kRoom = 256 << 20;

  void limit_memory() {
    getrlimit(RLIMIT_AS, &saved_);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const uint64_t used = pages * 4096;
    const rlimit limit = {used + kRoom, saved_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
#endif
  }

  static Packets& timed_psb(Packets& packets, uint64_t ip, uint64_t tsc) {
    return packets.packet(pt::put_psb)
        .tsc(tsc)
        .packet([](uint8_t* out) { return pt::put_tma(out, 0x10, 50); })
        .packet([](uint8_t* out) { return pt::put_cbr(out, 20); })
        .packet([](uint8_t* out) { return pt::put_pip(out, 0x12340, false); })
        .packet([](uint8_t* out) { return pt::put_vmcs(out, 0x5000); })
        .mode(pt::kModeExec64)
        .tsx(false, false)
        .fup(ip)
        .packet(pt::put_psbend);
  }

  static Packets every_packet() {
    Packets packets;
    timed_psb(packets, 0x1000, 100000)
        .tnt("tnt")
        .packet([](uint8_t* out) { return pt::put_mtc(out, 3); })
        .tnt("ntt")
        .packet([](uint8_t* out) { return pt::put_cyc(out, 5000); })
        .fup(0x1000)
        .pgd()
        .packet([](uint8_t* out) { return pt::put_mwait(out, 0x20, 1); })
        .packet([](uint8_t* out) { return pt::put_pwre(out, 2, 1, true); })
        .packet([](uint8_t* out) { return pt::put_pwrx(out, 3, 4, 1); })
        .packet([](uint8_t* out) { return pt::put_exstop(out, false); })
        .stop();
    timed_psb(packets.pge(0x2000), 0x2000, 200000)
        .packet([](uint8_t* out) { return pt::put_ptw(out, 0x1234, 8, true); })
        .fup(0x2001)
        .raw({0, 0})
        .tip(0x2000)
        .tsx(true, false)
        .fup(0x2000)
        .packet([](uint8_t* out) { return pt::put_ptw(out, 7, 4, false); })
        .tip(0x3000)
        .tsx(false, true)
        .fup(0x3001)
        .tip(0x2000)
        .packet([](uint8_t* out) { return pt::put_mnt(out, 5); })
        .tip(0x1000);
    timed_psb(packets, 0x1000, 300000)
        .tnt(std::string(46, 't') + "n")
        .ovf()
        .fup(0x2000)
        .packet([](uint8_t* out) { return pt::put_cyc(out, 3); })
        .tip(0x3000)
        .pgd();
    timed_psb(packets.pge(0x1000), 0x1000, 400000).tnt("ttnt").ovf();
    timed_psb(packets.pge(0x1000), 0x1000, 500000).tnt("tnt").tnt("ntt");
    timed_psb(packets, 0x1000, 600000).tnt("tnt").fup(0x1000).pgd();
    return packets;
  }

  std::string rows(const std::vector<uint8_t>& bytes) {
    Packets packets;
    packets.append(bytes);
    return rows_of(packets, GetParam());
  }

  // The rows from each PSB on, by its offset.
  std::map<uint64_t, std::string> rests(const std::vector<uint8_t>& bytes) {
    std::map<uint64_t, std::string> rests;
    for (auto psb = pt::find_psb(bytes, 0); psb;
         psb = pt::find_psb(bytes, *psb + 1)) {
      const std::string rest =
          rows({bytes.begin() + static_cast<long>(*psb), bytes.end()});
      rests[*psb] = rest.substr(rest.find('\n') + 1);
    }
    rests[bytes.size()] = "";
    return rests;
  }

  // Up to an overflow: libipt does not say where the last branch in front of
  // it led.
  static bool agree(const std::string& all, const std::string& cut) {
    const auto [in_all, in_cut] =
        std::mismatch(all.begin(), all.end(), cut.begin(), cut.end());
    if (in_cut == cut.end()) return true;
    const auto at = static_cast<size_t>(in_all - all.begin());
    const size_t row = at == 0 ? 0 : all.rfind('\n', at - 1) + 1;
    return all.substr(row).starts_with("gap ");
  }

  static std::string without_last_row(const std::string& rows) {
    if (rows.size() < 2) return "";
    return rows.substr(0, rows.rfind('\n', rows.size() - 2) + 1);
  }

  static std::vector<uint8_t> flips() {
    const char* rounds = std::getenv("PTCAP_ROUNDS");
    if (rounds == nullptr) return {0x01, 0x80, 0xff};
    std::vector<uint8_t> all;
    for (int i = 1; i <= std::min(std::atoi(rounds), 255); ++i) {
      all.push_back(static_cast<uint8_t>(i));
    }
    return all;
  }

  rlimit saved_ = {};
};

TEST_P(DamageAtScale, AFlippedByteEndsAtTheNextPsb) {
  const auto whole = every_packet().bytes();
  const auto true_rests = rests(whole);
  for (size_t at = 0; at < whole.size(); ++at) {
    const std::string& rest = true_rests.upper_bound(at)->second;
    for (const uint8_t flip : flips()) {
      auto damaged = whole;
      damaged[at] ^= flip;
      const std::string got = rows(damaged);
      ASSERT_TRUE(got.ends_with(rest) && !HasFailure())
          << "byte " << at << " ^ " << unsigned{flip} << ":\n"
          << got << "instead of ...\n"
          << rest;
    }
  }
}

TEST_P(DamageAtScale, DroppedBytesEndAtTheNextPsb) {
  const auto whole = every_packet().bytes();
  const auto true_rests = rests(whole);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const size_t count : {1, 2, 3, 5, 8, 13}) {
      const size_t end = std::min(at + count, whole.size());
      auto damaged = whole;
      damaged.erase(damaged.begin() + static_cast<long>(at),
                    damaged.begin() + static_cast<long>(end));
      const std::string& rest = true_rests.lower_bound(end)->second;
      const std::string got = rows(damaged);
      ASSERT_TRUE(got.ends_with(rest) && !HasFailure())
          << "bytes " << at << " to " << end << ":\n"
          << got << "instead of ...\n"
          << rest;
    }
  }
}

TEST_P(DamageAtScale, ACutStreamIsTheWholeUpToThere) {
  const auto whole = every_packet().bytes();
  const std::string all = rows(whole);
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string got =
        rows({whole.begin(), whole.begin() + static_cast<long>(size)});
    ASSERT_FALSE(HasFailure()) << "cut at " << size << ":\n" << got;
    // But for how it ended, and a packet that is not whole.
    std::string rest = without_last_row(got);
    if (got.substr(rest.size()).starts_with("gap")) {
      rest = without_last_row(rest);
    }
    ASSERT_TRUE(agree(all, rest)) << "cut at " << size << ":\n"
                                  << got << "of\n"
                                  << all;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, DamageAtScale,
                         testing::Values(DamageTest::Engine::kBlocks,
                                         DamageTest::Engine::kInstructions,
                                         DamageTest::Engine::kFast),
                         [](const auto& info) {
                           switch (info.param) {
                             case DamageTest::Engine::kBlocks:
                               return "blocks";
                             case DamageTest::Engine::kInstructions:
                               return "instructions";
                             case DamageTest::Engine::kFast:
                               return "fast";
                           }
                           return "";
                         });

}  // namespace
}  // namespace ptcap::decode
