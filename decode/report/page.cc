// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/report/page.h"

namespace ptcap::decode {

namespace {

// JSON in a script element: "</script>" and "<!--" must not be seen there.
std::string as_script_data(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

void write_page(const std::string& summary, size_t threads,
                const std::function<std::string(size_t)>& calls,
                const std::function<void(std::string_view)>& write) {
  constexpr std::string_view kMark = "<!--DATA-->";
  const size_t at = kReportPage.find(kMark);
  write(kReportPage.substr(0, at));
  write("<script type=\"application/json\" id=\"summary\">");
  write(as_script_data(summary));
  write("</script>\n");
  for (size_t i = 0; i < threads; ++i) {
    const std::string packed = calls(i);
    if (packed.empty()) continue;
    write("<script type=\"text/plain\" id=\"calls-" + std::to_string(i) +
          "\">");
    write(packed);
    write("</script>\n");
  }
  write(kReportPage.substr(at + kMark.size()));
}

}  // namespace ptcap::decode
