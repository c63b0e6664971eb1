// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// How capturing fails: with a message for people and an exit status.

#ifndef PTCAP_CAPTURE_ERROR_H_
#define PTCAP_CAPTURE_ERROR_H_

#include <stdexcept>
#include <string>

namespace ptcap::capture {

// As the shell, env and timeout have them.
inline constexpr int kExitStrict = 3;
inline constexpr int kExitFailed = 125;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

// The command line makes no sense.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// ptcap cannot go on. The message has no "ptcap: " in front; advice follows on
// further lines, indented by two.
class CaptureError : public std::runtime_error {
 public:
  explicit CaptureError(const std::string& message,
                        int exit_status = kExitFailed)
      : std::runtime_error(message), exit_status_(exit_status) {}

  int exit_status() const { return exit_status_; }

 private:
  int exit_status_;
};

// "OPERATION: CAUSE", the cause being that of `error_number`.
std::string system_message(const std::string& operation, int error_number);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_ERROR_H_
