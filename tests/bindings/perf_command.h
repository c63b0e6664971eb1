// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Running the perf tool, for tests that compare with it.

#ifndef PTCAP_TESTS_BINDINGS_PERF_COMMAND_H_
#define PTCAP_TESTS_BINDINGS_PERF_COMMAND_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace ptcap::bindings {

// stdout of a shell command; nullopt where it fails.
inline std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  char buffer[65536];
  size_t size;
  while ((size = ::fread(buffer, 1, sizeof(buffer), pipe)) > 0)
    text.append(buffer, size);
  return ::pclose(pipe) == 0 ? std::optional(text) : std::nullopt;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
  }
  return lines;
}

// The path of a file that is there while this is. Tests run side by side.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(testing::TempDir() + "perf_test." + std::to_string(::getpid())) {}
  TemporaryFile(const TemporaryFile&) = delete;
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

#define SKIP_WITHOUT_PERF()                     \
  if (!output_of("perf --version 2>/dev/null")) \
  GTEST_SKIP() << "no perf (Debian: linux-perf)"

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_PERF_COMMAND_H_
