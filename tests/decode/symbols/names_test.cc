// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <gtest/gtest.h>

#include "decode/symbols/demangle.h"
#include "decode/symbols/escape.h"
#include "decode/symbols/symbolizer.h"

namespace ptcap::decode {
namespace {

TEST(Demangle, Cpp) {
  EXPECT_EQ(demangle("_ZN4test3fooIiEEvT_"), "void test::foo<int>(int)");
  EXPECT_EQ(demangle("_ZNK1A1fEv"), "A::f() const");
}

TEST(Demangle, RustLegacy) {
  EXPECT_EQ(demangle("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"),
            "core::fmt::Formatter::pad");
  EXPECT_EQ(demangle("_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$"
                     "4into17h0123456789abcdefE"),
            "<T as core::convert::Into<U>>::into");
}

TEST(Demangle, WhatIsNotMangledStays) {
  EXPECT_EQ(demangle("main"), "main");
  EXPECT_EQ(demangle("_Znonsense"), "_Znonsense");
  EXPECT_EQ(demangle(""), "");
  std::string huge = "_Z" + std::string(10000, 'i');
  EXPECT_EQ(demangle(huge), huge);
}

TEST(Escape, PlainAndUtf8TextStays) {
  EXPECT_EQ(escape_text("std::map<int, char>"), "std::map<int, char>");
  EXPECT_EQ(escape_text("größe 漢字 🙂"), "größe 漢字 🙂");
}

TEST(Escape, ControlsAreHex) {
  EXPECT_EQ(escape_text("a\tb\nc\x7f"), "a\\x09b\\x0ac\\x7f");
  EXPECT_EQ(escape_text("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(escape_text("\xc2\x9b"
                        "31m"),
            "\\xc2\\x9b31m");  // C1 CSI
  EXPECT_EQ(escape_text("back\\slash"), "back\\\\slash");
}

TEST(Escape, WhatIsNotUtf8IsHex) {
  EXPECT_EQ(escape_text("\xff"), "\\xff");
  EXPECT_EQ(escape_text("\xc3"), "\\xc3");                    // cut
  EXPECT_EQ(escape_text("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(escape_text("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(escape_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(WithoutParameters, DropsOnlyTheParameterList) {
  EXPECT_EQ(without_parameters("main"), "main");
  EXPECT_EQ(without_parameters("ns::f<int>(char*)"), "ns::f<int>");
  EXPECT_EQ(without_parameters("A::f(void (*)(int)) const"), "A::f");
  EXPECT_EQ(without_parameters("A::operator()(int)"), "A::operator()");
  EXPECT_EQ(without_parameters("(anonymous namespace)::f()"),
            "(anonymous namespace)::f");
  EXPECT_EQ(without_parameters("(x)"), "(x)");
  EXPECT_EQ(without_parameters(")"), ")");
}

}  // namespace
}  // namespace ptcap::decode
