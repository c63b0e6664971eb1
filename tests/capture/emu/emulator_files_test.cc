// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Which emulators are taken, and what is said of the others.

#include "capture/emu/emulator_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/capture/emu/run_ptcap.h"

namespace ptcap::capture::emu {
namespace {

using ::testing::HasSubstr;

class EmulatorFilesTest : public ::testing::Test {
 protected:
  EmulatorCheck check(const std::string& emulator,
                      const std::string& plugin = PTCAP_EMU_PLUGIN_FILE) {
    return check_emulator({emulator, "", plugin}, EmulatedMode::k64Bit);
  }

  EmulatorCheck check_fake(int version) {
    return check(PTCAP_FAKE_EMULATOR + std::to_string(version));
  }

  // That does what a shell script says.
  EmulatorCheck check_script(const std::string& commands) {
    const std::string path = folder_.file("qemu-x86_64");
    std::ofstream(path) << "#!/bin/sh\n" << commands << "\n";
    chmod(path.c_str(), 0755);
    return check(path);
  }

  TestFolder folder_;
};

TEST_F(EmulatorFilesTest, MissingEmulatorIsNamedWithItsPackage) {
  EXPECT_EQ(check("").problem,
            "qemu-x86_64 is not installed\n"
            "  on Debian 12 and Ubuntu: apt-get install qemu-user");
  EXPECT_THAT(check_emulator({"/x", "", "/y"}, EmulatedMode::k32Bit).problem,
              HasSubstr("qemu-i386 is not installed"));
}

TEST_F(EmulatorFilesTest, MissingPluginIsNamed) {
  EXPECT_THAT(check("/bin/true", "").problem, HasSubstr("ptcap_emu.so is"));
}

TEST_F(EmulatorFilesTest, EachKnownInterfaceIsTaken) {
  for (const int version : {1, 3, 4, 5, 6}) {
    SCOPED_TRACE(version);
    const EmulatorCheck answer = check_fake(version);
    EXPECT_EQ(answer.problem, "");
    EXPECT_EQ(answer.interface, version);
  }
}

TEST_F(EmulatorFilesTest, TooOldInterfaceIsRefused) {
  EXPECT_THAT(
      check_fake(0).problem,
      HasSubstr("plugin requires API version 1\n  it takes versions 1 to 6"));
}

TEST_F(EmulatorFilesTest, InterfaceThatNoLongerTakesOursIsRefused) {
  EXPECT_THAT(
      check_fake(8).problem,
      HasSubstr("plugin requires API version 6\n  it takes versions 1 to 6"));
}

TEST_F(EmulatorFilesTest, UnknownInterfaceIsRefused) {
  EXPECT_THAT(check_fake(7).problem,
              HasSubstr("has version 7 of QEMU's plugin interface"));
}

TEST_F(EmulatorFilesTest, EmulatorWithoutPluginsIsTold) {
  EXPECT_THAT(check_script("echo \"qemu: unknown option 'plugin'\" >&2; exit 1")
                  .problem,
              HasSubstr("qemu-x86_64 has no plugin interface\n  Debian 12's"));
}

TEST_F(EmulatorFilesTest, WhatTheEmulatorSaysIsTheCause) {
  EXPECT_THAT(check_script("echo out of order >&2; echo more").problem,
              HasSubstr(": out of order\n  it takes"));
  EXPECT_THAT(check_script("exit 0").problem, HasSubstr(": it said nothing\n"));
  EXPECT_THAT(check("/etc").problem, HasSubstr(": Permission denied\n"));
}

TEST_F(EmulatorFilesTest, FileThatIsNoPluginIsTold) {
  const std::string problem =
      check(std::string(PTCAP_FAKE_EMULATOR) + "1", "/etc/passwd").problem;
  EXPECT_THAT(problem, HasSubstr("does not load /etc/passwd: fake_emulator: "));
}

}  // namespace
}  // namespace ptcap::capture::emu
