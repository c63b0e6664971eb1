// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/plt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>

namespace ptcap::decode {
namespace {

using StubNames = std::map<uint64_t, std::string>;

// "0000000000001030 <puts@plt>:" lines of objdump.
StubNames objdump_stubs(const std::string& path) {
  StubNames stubs;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen(("objdump -d '" + path + "' 2>/dev/null").c_str(), "r"), pclose);
  char line[512], name[256];
  uint64_t address = 0;
  while (pipe && fgets(line, sizeof(line), pipe.get())) {
    if (sscanf(line, "%lx <%255[^>]>:", &address, name) != 2) continue;
    std::string_view text = name;
    if (text.ends_with("@plt") && !text.starts_with("*ABS*"))
      stubs[address] = name;
  }
  return stubs;
}

StubNames our_stubs(const std::string& path) {
  StubNames stubs;
  for (const PltEntry& entry : read_plt(formats::ElfFile(path)))
    stubs[entry.address] = entry.name;
  return stubs;
}

class PltAgainstObjdump : public testing::TestWithParam<const char*> {};

TEST_P(PltAgainstObjdump, SameNames) {
  if (access(GetParam(), R_OK) != 0) GTEST_SKIP() << "no " << GetParam();
  StubNames expected = objdump_stubs(GetParam());
  if (expected.empty()) GTEST_SKIP() << "no objdump, or no PLT";
  StubNames ours = our_stubs(GetParam());
  // objdump does not name every stub of .plt that .plt.sec stands for.
  for (const auto& [address, name] : expected)
    EXPECT_EQ(ours[address], name) << std::hex << address;
}

INSTANTIATE_TEST_SUITE_P(, PltAgainstObjdump,
                         testing::Values(SAMPLES "/sample_loop_pie",
                                         SAMPLES "/sample_loop_no_pie",
                                         SAMPLES "/sample_loop_32_pie",
                                         "/bin/ls", "/bin/bash",
                                         "/lib/x86_64-linux-gnu/libc.so.6"));

TEST(Plt, NamesIfuncStubsOfStaticPrograms) {
  StubNames stubs = our_stubs(SAMPLES "/sample_loop");
  std::vector<std::string> names;
  for (const auto& [address, name] : stubs) names.push_back(name);
  EXPECT_THAT(names, testing::Contains("strlen@plt"));
}

}  // namespace
}  // namespace ptcap::decode
