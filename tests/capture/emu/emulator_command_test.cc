// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emulator_command.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/capture/emu/run_ptcap.h"

namespace ptcap::capture::emu {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

class EmulatorCommandTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content,
                   mode_t mode = 0755) {
    const std::string path = folder_.file(name);
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  const ResolvedProgram& resolve(const std::string& path) {
    program_ = std::make_unique<ResolvedProgram>();
    resolve_program(path.c_str(), "name", *program_);
    return *program_;
  }

  std::vector<std::string> front() const {
    return {program_->front, program_->front + program_->front_count};
  }

  std::vector<std::string> command(std::vector<const char*> environment) {
    ArenaConfig config = {};
    std::string("/emu64").copy(config.emulator_64, 100);
    std::string("/a,b.so").copy(config.plugin, 100);
    std::vector<const char*> arguments = {"one", "two", nullptr};
    environment.push_back(nullptr);
    EmulatorCommand command;
    EXPECT_TRUE(build_emulator_command(
        config, "/proc/1/fd/3", *program_, "n",
        const_cast<char* const*>(arguments.data()),
        const_cast<char* const*>(environment.data()), command));
    std::vector<std::string> result;
    for (char** at = command.argv; *at != nullptr; ++at) result.push_back(*at);
    for (char** at = command.envp; *at != nullptr; ++at) kept_.push_back(*at);
    free_emulator_command(command);
    return result;
  }

  TestFolder folder_;
  std::unique_ptr<ResolvedProgram> program_;
  std::vector<std::string> kept_;
};

TEST_F(EmulatorCommandTest, ElfIsRunAsItself) {
  EXPECT_EQ(resolve("/proc/self/exe").kind, ProgramKind::kElf64);
  EXPECT_THAT(front(), ElementsAre("name"));
}

TEST_F(EmulatorCommandTest, ScriptIsRunByItsInterpreter) {
  const std::string script =
      file("script", "#! /proc/self/exe  -x -y \t\nrest\n");
  EXPECT_EQ(resolve(script).kind, ProgramKind::kElf64);
  EXPECT_STREQ(program_->path, "/proc/self/exe");
  EXPECT_THAT(front(), ElementsAre("/proc/self/exe", "-x -y", script));
}

TEST_F(EmulatorCommandTest, ScriptOfAScriptKeepsEveryName) {
  const std::string inner = file("inner", "#!/proc/self/exe a\n");
  const std::string outer = file("outer", "#!" + inner + " b\n");
  EXPECT_EQ(resolve(outer).kind, ProgramKind::kElf64);
  EXPECT_THAT(front(), ElementsAre("/proc/self/exe", "a", inner, "b", outer));
}

TEST_F(EmulatorCommandTest, ScriptThatNamesItselfIsALoop) {
  const std::string path = folder_.file("loop");
  file("loop", "#!" + path + "\n");
  EXPECT_EQ(resolve(path).kind, ProgramKind::kError);
  EXPECT_EQ(program_->error, ELOOP);
}

TEST_F(EmulatorCommandTest, ErrorsAreThoseOfExecve) {
  EXPECT_EQ(resolve(folder_.file("absent")).error, ENOENT);
  EXPECT_EQ(resolve("/").error, EACCES);
  EXPECT_EQ(resolve(file("plain", "#!/bin/sh\n", 0644)).error, EACCES);
  EXPECT_EQ(resolve(file("gone", "#!/absent/interpreter\n")).error, ENOENT);
  EXPECT_EQ(resolve(file("empty", "#!\n")).error, ENOEXEC);
  EXPECT_EQ(resolve(std::string(5000, 'x')).error, ENAMETOOLONG);
}

TEST_F(EmulatorCommandTest, WhatIsNoX86ProgramRunsNatively) {
  EXPECT_EQ(resolve(file("text", "hello")).kind, ProgramKind::kNative);
  std::string arm(64, '\0');
  arm.replace(0, 5, "\177ELF\2");
  arm[18] = static_cast<char>(183);  // EM_AARCH64
  EXPECT_EQ(resolve(file("arm", arm)).kind, ProgramKind::kNative);
  EXPECT_THAT(program_->reason, ::testing::HasSubstr("architecture"));
}

TEST_F(EmulatorCommandTest, LoaderVariablesAreHandedToTheProgram) {
  resolve("/proc/self/exe");
  const auto argv = command({"A=1", "LD_PRELOAD=x.so", "QEMU_LOG=z",
                             "GLIBC_TUNABLES=t", "LD_AUDIT=a,b", "LD_X=a\x1f"});
  EXPECT_THAT(argv, ElementsAre("/emu64", "-cpu", ::testing::_, "-plugin",
                                "/a,,b.so,arena=/proc/1/fd/3,name=n,program="
                                "/proc/self/exe,commas=on",
                                "-E", "LD_PRELOAD=x.so", "-E", "QEMU_LOG=z",
                                "-E", "GLIBC_TUNABLES=t", "-E",
                                "LD_AUDIT=a\x1f"
                                "b",
                                "-0", "name", "/proc/self/exe", "one", "two"));
  EXPECT_THAT(kept_, ElementsAre("A=1", "LD_X=a\x1f"));
}

}  // namespace
}  // namespace ptcap::capture::emu
