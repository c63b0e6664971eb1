// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Text from a trace, made safe for a terminal, a tsv field and JSON.

#ifndef PTCAP_DECODE_SYMBOLS_ESCAPE_H_
#define PTCAP_DECODE_SYMBOLS_ESCAPE_H_

#include <string>
#include <string_view>

namespace ptcap::decode {

// Control characters (C0, DEL, C1) and bytes that are not UTF-8 become \xNN,
// a backslash becomes two. The result is UTF-8 on one line.
std::string escape_text(std::string_view text);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_ESCAPE_H_
