// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/symbols/demangle.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

namespace ptcap::decode {
namespace {

// Demangled text can be exponentially longer than the name; template-heavy
// programs have names of a few kilobytes.
constexpr size_t kMaxMangledSize = 4096;

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// "::h" and 16 hex digits at the end.
bool has_rust_hash(std::string_view name) {
  constexpr size_t kHashSize = 3 + 16;
  if (name.size() <= kHashSize) return false;
  std::string_view hash = name.substr(name.size() - kHashSize);
  return hash.starts_with("::h") &&
         std::all_of(hash.begin() + 3, hash.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Rust's legacy escapes: rustc, compiler/rustc_symbol_mangling/src/legacy.rs.
constexpr std::pair<std::string_view, std::string_view> kRustEscapes[] = {
    {"$LT$", "<"},  {"$GT$", ">"},   {"$LP$", "("},  {"$RP$", ")"},
    {"$C$", ","},   {"$BP$", "*"},   {"$RF$", "&"},  {"$SP$", "@"},
    {"$u20$", " "}, {"$u22$", "\""}, {"$u27$", "'"}, {"$u2b$", "+"},
    {"$u3b$", ";"}, {"$u5b$", "["},  {"$u5d$", "]"}, {"$u7b$", "{"},
    {"$u7d$", "}"}, {"$u7e$", "~"},  {"..", "::"},
};

std::string unescape_rust(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    auto escape = std::find_if(
        std::begin(kRustEscapes), std::end(kRustEscapes),
        [name](const auto& pair) { return name.starts_with(pair.first); });
    if (escape != std::end(kRustEscapes)) {
      out += escape->second;
      name.remove_prefix(escape->first.size());
      continue;
    }
    // An identifier that begins with an escape has an underscore before it.
    bool padding = name.starts_with("_$") && (out.empty() || out.back() == ':');
    if (!padding) out += name.front();
    name.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string demangle(std::string_view name) {
  std::string text(name);
  if (!name.starts_with("_Z") || name.size() > kMaxMangledSize) return text;
  int status = 0;
  std::unique_ptr<char, Free> demangled(
      abi::__cxa_demangle(text.c_str(), nullptr, nullptr, &status));
  if (status != 0 || !demangled) return text;
  std::string_view result = demangled.get();
  if (!has_rust_hash(result)) return std::string(result);
  return unescape_rust(result.substr(0, result.rfind("::h")));
}

}  // namespace ptcap::decode
