// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The log of the steps themselves, for tests to compare decoders with.

#ifndef PTCAP_CAPTURE_STEP_STEP_LOG_H_
#define PTCAP_CAPTURE_STEP_STEP_LOG_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace ptcap::capture {

struct StepLogEntry {
  uint32_t pid = 0;
  uint32_t tid = 0;
  uint64_t ip = 0;
};
static_assert(sizeof(StepLogEntry) == 4 + 4 + 8, "a record of the file");

class StepLog {
 public:
  // Throws std::system_error if the file cannot be made.
  explicit StepLog(const std::string& path);

  void add(const StepLogEntry& entry) {
    std::fwrite(&entry, sizeof entry, 1, file_.get());
  }
  void flush() { std::fflush(file_.get()); }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_STEP_LOG_H_
