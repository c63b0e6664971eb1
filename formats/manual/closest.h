// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What somebody meant who mistyped a word.

#ifndef PTCAP_FORMATS_MANUAL_CLOSEST_H_
#define PTCAP_FORMATS_MANUAL_CLOSEST_H_

#include <span>
#include <string>
#include <string_view>

namespace ptcap::formats {

// The known word that is closest to `word`; empty if none is close.
std::string_view closest(std::string_view word,
                         std::span<const std::string_view> known);

// "; did you mean 'WORD'?", or nothing if none is close.
std::string did_you_mean(std::string_view word,
                         std::span<const std::string_view> known);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_MANUAL_CLOSEST_H_
