// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Runs a program under `ptcap --source emu` and, for comparison, natively.

#ifndef PTCAP_TESTS_CAPTURE_EMU_RUN_PTCAP_H_
#define PTCAP_TESTS_CAPTURE_EMU_RUN_PTCAP_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ptcap::capture::emu {

// A folder of its own on disk, removed at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  std::string file(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

struct ProgramRun {
  // Its own, 128 + N if signal N ended it; 124 if it took too long.
  int exit_status = 0;
  std::string out, err;
};

struct RunLimits {
  std::chrono::seconds time{60};
  uint64_t file_bytes = 1 << 30;
};

ProgramRun run(const std::vector<std::string>& argv,
               const std::vector<std::string>& environment = {},
               const RunLimits& limits = {});

// Under ptcap, with `options` in front of the program.
ProgramRun run_emulated(const std::string& trace,
                        const std::vector<std::string>& argv,
                        const std::vector<std::string>& options = {},
                        const std::vector<std::string>& environment = {},
                        const RunLimits& limits = {});

// Why nothing can be emulated here; empty if it can.
std::string emulation_problem();

}  // namespace ptcap::capture::emu

#endif  // PTCAP_TESTS_CAPTURE_EMU_RUN_PTCAP_H_
