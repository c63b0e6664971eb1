// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/error.h"

#include <system_error>

namespace ptcap::capture {

std::string system_message(const std::string& operation, int error_number) {
  return operation + ": " + std::generic_category().message(error_number);
}

}  // namespace ptcap::capture
