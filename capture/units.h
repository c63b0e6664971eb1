// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Sizes and times as people write them.

#ifndef PTCAP_CAPTURE_UNITS_H_
#define PTCAP_CAPTURE_UNITS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace ptcap::capture {

// "4096", "64K", "2M", "1G" (1024 each); nullopt for anything else, overflow
// included.
std::optional<uint64_t> parse_size(std::string_view text);

// "250ms", "1.5s", "10us", "300ns", "2m"; a bare number is seconds.
std::optional<uint64_t> parse_time_ns(std::string_view text);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_UNITS_H_
