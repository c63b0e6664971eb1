// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where code that goes on after a problem says what the problem was.

#ifndef PTCAP_FORMATS_IO_REPORTER_H_
#define PTCAP_FORMATS_IO_REPORTER_H_

#include <cstdint>
#include <string>

namespace ptcap::formats {

// Damage is reported and reading goes on. The command-line tools print to
// stderr, tests collect. warn() is called from one thread at a time.
class Reporter {
 public:
  virtual ~Reporter() = default;

  // One problem, without program name or newline: object, cause, then advice
  // on further lines if there is any.
  virtual void warn(const std::string& message) = 0;

  // `bytes` more of a trace's `total` AUX bytes were read. From any thread,
  // several at once.
  virtual void aux_read(uint64_t bytes, uint64_t total) {
    static_cast<void>(bytes);
    static_cast<void>(total);
  }
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_REPORTER_H_
