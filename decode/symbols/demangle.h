// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Names as their programmers wrote them.

#ifndef PTCAP_DECODE_SYMBOLS_DEMANGLE_H_
#define PTCAP_DECODE_SYMBOLS_DEMANGLE_H_

#include <string>
#include <string_view>

namespace ptcap::decode {

// C++ names (Itanium ABI) with their parameters; Rust's older names ("legacy",
// which look like C++) without the hash. Anything else, Rust's v0 names
// included, and names so long that they could be an attack, stay as they are.
std::string demangle(std::string_view name);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_SYMBOLS_DEMANGLE_H_
