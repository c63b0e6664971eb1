# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# cmake -D IN=page.html -D OUT=page.html.cc -P embed.cmake
# The file as the string kReportPage.

file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "(('..x..',){16})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "// Made by decode/report/embed.cmake.
#include \"decode/report/page.h\"
namespace ptcap::decode {
namespace {
constexpr char kBytes[] = {${bytes}};
}  // namespace
const std::string_view kReportPage(kBytes, ${size});
}  // namespace ptcap::decode
")
