// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What Boost.Program_options parses, as documentation; and what it cannot
// parse. For the folders that link it; formats/ does not.

#ifndef PTCAP_FORMATS_MANUAL_PROGRAM_OPTIONS_H_
#define PTCAP_FORMATS_MANUAL_PROGRAM_OPTIONS_H_

#include <boost/program_options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "formats/manual/closest.h"
#include "formats/manual/program_doc.h"

namespace ptcap::formats {

inline std::vector<OptionDoc> document(
    const boost::program_options::options_description& options) {
  namespace style = boost::program_options::command_line_style;
  std::vector<OptionDoc> docs;
  for (const auto& option : options.options()) {
    OptionDoc doc;
    doc.name = option->long_name();
    const std::string shortest =
        option->canonical_display_name(style::allow_dash_for_short);
    if (shortest.size() == 2 && shortest[0] == '-') doc.letter = shortest[1];
    if (option->semantic()->max_tokens() != 0) {
      doc.argument = option->format_parameter();
      doc.argument_optional = option->semantic()->min_tokens() == 0;
    }
    doc.summary = option->description();
    docs.push_back(std::move(doc));
  }
  return docs;
}

// Boost's message, and what may have been meant.
inline std::string describe(
    const boost::program_options::unknown_option& error,
    const boost::program_options::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) {
    names.push_back("--" + option->long_name());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return error.what() + did_you_mean(error.get_option_name(), known);
}

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_MANUAL_PROGRAM_OPTIONS_H_
