// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A command line as data, and what is made of it: the text of --help, the
// options of the man page, and the shells' completions. One table serves them
// all, and the parser too (program_options.h), so that they agree.

#ifndef PTCAP_FORMATS_MANUAL_PROGRAM_DOC_H_
#define PTCAP_FORMATS_MANUAL_PROGRAM_DOC_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::formats {

struct OptionDoc {
  std::string name;      // without dashes
  char letter = 0;       // of the short form; 0: has none
  std::string argument;  // "FILE", "A|B": one of these words; empty: takes none
  bool argument_optional = false;
  std::string summary;
};

struct CommandDoc {
  std::string name;
  std::string arguments;  // "TRACE..."
  std::string summary;
  std::vector<OptionDoc> options;
};

struct ProgramDoc {
  std::string name;
  std::vector<OptionDoc> options;  // of the program without a command
  std::vector<CommandDoc> commands;
};

// "-o, --output FILE", "--snapshot[=SIZE]".
std::string option_synopsis(const OptionDoc& option);

// The options in two columns of 80, each line ended.
std::string help_options(std::span<const OptionDoc> options);

// The commands in two columns of 80, each line ended.
std::string help_commands(std::span<const CommandDoc> commands);

// man(7) paragraphs. Of a program with commands every option appears once for
// each summary that it has, with the commands that take it if those are not
// all.
std::string man_options(const ProgramDoc& program);
std::string man_commands(const ProgramDoc& program);

// Scripts that complete commands, options, the words that an option takes, and
// file names.
std::string bash_completion(const ProgramDoc& program);
std::string zsh_completion(const ProgramDoc& program);
std::string fish_completion(const ProgramDoc& program);

// The words of "a|b|c"; none for a placeholder such as FILE.
std::vector<std::string> argument_words(const OptionDoc& option);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_MANUAL_PROGRAM_DOC_H_
