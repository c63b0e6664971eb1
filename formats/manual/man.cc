// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// man(7): one .TP a paragraph.

#include <algorithm>

#include "formats/manual/program_doc.h"

namespace ptcap::formats {

namespace {

// Text that roff takes as it is: no hyphen for a minus, no request, no quote.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text[0] == '.' || text[0] == '\'')) out = "\\&";
  for (const char c : text) {
    switch (c) {
      case '-':
        out += "\\-";
        break;
      case '\\':
        out += "\\e";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string tag(const OptionDoc& option) {
  std::string text;
  if (option.letter != 0) text = bold(std::string("-") + option.letter) + ", ";
  text += bold("--" + option.name);
  if (option.argument.empty()) return text;
  if (option.argument_optional) {
    return text + "[=" + italic(option.argument) + "]";
  }
  return text + " " + italic(option.argument);
}

struct Paragraph {
  const OptionDoc* option = nullptr;
  std::vector<std::string_view> commands;  // that take it; none: the program
};

// The same option of several commands becomes one paragraph.
void add(const OptionDoc& option, std::string_view command,
         std::vector<Paragraph>& paragraphs) {
  const auto same = [&option](const Paragraph& paragraph) {
    return paragraph.option->name == option.name &&
           paragraph.option->argument == option.argument &&
           paragraph.option->summary == option.summary;
  };
  auto at = std::find_if(paragraphs.begin(), paragraphs.end(), same);
  if (at == paragraphs.end()) {
    at = paragraphs.insert(paragraphs.end(), {&option, {}});
  } else if (at->commands.empty()) {
    return;
  }
  if (!command.empty()) at->commands.push_back(command);
}

// " Of a, b." if it is not for everything.
std::string only_of(const Paragraph& paragraph, const ProgramDoc& program) {
  const bool all = program.options.empty() &&
                   paragraph.commands.size() == program.commands.size();
  if (all || paragraph.commands.empty()) return "";
  std::string names;
  for (const std::string_view command : paragraph.commands) {
    names += (names.empty() ? "" : ", ") + bold(command);
  }
  return "\nOf " + names + ".";
}

std::string sentence(std::string_view text) {
  return roff(text) + (text.ends_with('.') ? "" : ".");
}

}  // namespace

std::string man_options(const ProgramDoc& program) {
  std::vector<Paragraph> paragraphs;
  for (const OptionDoc& option : program.options) add(option, "", paragraphs);
  for (const CommandDoc& command : program.commands) {
    for (const OptionDoc& option : command.options) {
      add(option, command.name, paragraphs);
    }
  }
  std::string text;
  for (const Paragraph& paragraph : paragraphs) {
    text += ".TP\n" + tag(*paragraph.option) + "\n" +
            sentence(paragraph.option->summary) + only_of(paragraph, program) +
            "\n";
  }
  return text;
}

std::string man_commands(const ProgramDoc& program) {
  std::string text;
  for (const CommandDoc& command : program.commands) {
    text += ".TP\n" + bold(command.name) + " " + italic(command.arguments) +
            "\n" + sentence(command.summary) + "\n";
  }
  return text;
}

}  // namespace ptcap::formats
