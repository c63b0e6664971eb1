// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/address_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/error.h"

// What the filters below name, in this very program. Not inlined, so that they
// are functions of their own.
extern "C" __attribute__((noinline)) int filtered_function(int n) {
  return n * 3 + 1;
}
namespace {
__attribute__((noinline)) int twice(int n) { return n + 2; }
}  // namespace

namespace ptcap::capture {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSelf = "/proc/self/exe";

std::string error_of(const std::string& expression) {
  try {
    return "resolved: " + resolve_filter(parse_filter(expression));
  } catch (const UsageError& error) {
    return error.what();
  } catch (const CaptureError& error) {
    return error.what();
  }
}

TEST(ParseFilter, TakesPerfsSyntax) {
  const auto clauses =
      parse_filter("filter main @ ./a/b, tracestop f/g@/lib/c.so");
  ASSERT_EQ(clauses.size(), 2u);
  EXPECT_EQ(clauses[0].action, "filter");
  EXPECT_EQ(clauses[0].start, "main");
  EXPECT_EQ(clauses[0].file, "./a/b");
  EXPECT_EQ(clauses[1].action, "tracestop");
  EXPECT_EQ(clauses[1].size_or_end, "g");
  EXPECT_EQ(clauses[1].file, "/lib/c.so");
}

TEST(ParseFilter, SaysWhatIsMissing) {
  EXPECT_THAT(error_of(""), HasSubstr("empty"));
  EXPECT_THAT(error_of("filter"), HasSubstr("function or address is missing"));
  EXPECT_THAT(error_of("filter main /"), HasSubstr("size or last function"));
  EXPECT_THAT(error_of("filter main @"), HasSubstr("file is missing"));
  EXPECT_THAT(error_of("watch main"), HasSubstr("no action"));
  EXPECT_THAT(error_of("start main @ x"), HasSubstr("ranges only"));
}

TEST(ResolveFilter, AFunctionIsARangeOfItsFile) {
  EXPECT_EQ(filtered_function(twice(1)), 10);
  const std::string filter = resolve_filter(
      parse_filter(std::string("filter filtered_function @ ") + kSelf));
  EXPECT_THAT(filter, StartsWith("filter 0x"));
  EXPECT_THAT(filter, HasSubstr("capture_hardware_test"));
}

TEST(ResolveFilter, NumbersAreOffsets) {
  EXPECT_THAT(resolve_filter(
                  parse_filter(std::string("tracestop 0x1000/0x20@") + kSelf)),
              StartsWith("stop 0x1000/0x20@/"));
  EXPECT_EQ(resolve_filter(parse_filter("filter 0xffff0000/16")),
            "filter 0xffff0000/0x10");
}

TEST(ResolveFilter, NamesSimilarFunctions) {
  EXPECT_THAT(error_of(std::string("filter filtered_func @ ") + kSelf),
              HasSubstr("filtered_function"));
}

TEST(ResolveFilter, AFileThatIsNotThere) {
  EXPECT_THAT(error_of("filter main @ /nosuch"), HasSubstr("/nosuch"));
  EXPECT_THAT(error_of("filter main @ /etc/passwd"), HasSubstr("/etc/passwd"));
}

}  // namespace
}  // namespace ptcap::capture
