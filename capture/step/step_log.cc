// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/step/step_log.h"

#include <cerrno>
#include <system_error>

namespace ptcap::capture {

StepLog::StepLog(const std::string& path)
    : file_(std::fopen(path.c_str(), "wbe")) {
  if (file_ == nullptr) {
    throw std::system_error(errno, std::generic_category(),
                            "PTCAP_STEP_LOG " + path);
  }
}

}  // namespace ptcap::capture
