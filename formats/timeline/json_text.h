// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Pieces of JSON text for writers that stream: strings and times.

#ifndef PTCAP_FORMATS_TIMELINE_JSON_TEXT_H_
#define PTCAP_FORMATS_TIMELINE_JSON_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace ptcap::formats {

// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8
// become U+FFFD, so that any symbol name gives a file that parses.
void append_json_string(std::string& out, std::string_view text);

// Appends nanoseconds as decimal microseconds, exactly: 1234 -> 1.234.
void append_microseconds(std::string& out, uint64_t time_ns);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_TIMELINE_JSON_TEXT_H_
