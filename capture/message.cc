// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/message.h"

#include <unistd.h>

namespace ptcap::capture {

void print_message(const std::string& message) {
  const std::string line = "ptcap: " + message + "\n";
  // Nobody is left to tell if stderr is gone.
  [[maybe_unused]] const ssize_t written =
      ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ptcap::capture
