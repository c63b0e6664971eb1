// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The page itself: page/ as one string, and the data in it.

#ifndef PTCAP_DECODE_REPORT_PAGE_H_
#define PTCAP_DECODE_REPORT_PAGE_H_

#include <functional>
#include <string>
#include <string_view>

namespace ptcap::decode {

// Without data. Made from decode/report/page at build time.
extern const std::string_view kReportPage;

// Writes the page with `summary` (JSON), then `calls(i)` for each of `threads`.
void write_page(const std::string& summary, size_t threads,
                const std::function<std::string(size_t)>& calls,
                const std::function<void(std::string_view)>& write);

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_REPORT_PAGE_H_
