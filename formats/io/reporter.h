// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where code that goes on after a problem says what the problem was.

#ifndef PTCAP_FORMATS_IO_REPORTER_H_
#define PTCAP_FORMATS_IO_REPORTER_H_

#include <string>

namespace ptcap::formats {

// Damage is reported and reading goes on. The command-line tools print to
// stderr, tests collect. Called from the thread that does the reading.
class Reporter {
 public:
  virtual ~Reporter() = default;

  // One problem, without program name or newline: object, cause, then advice
  // on further lines if there is any.
  virtual void warn(const std::string& message) = 0;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_IO_REPORTER_H_
