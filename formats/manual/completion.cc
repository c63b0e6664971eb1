// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Completion scripts for bash, zsh and fish.

#include <algorithm>
#include <cctype>
#include <utility>

#include "formats/manual/program_doc.h"

namespace ptcap::formats {

namespace {

// What follows an option.
enum class Value { kNone, kWords, kFolder, kFile, kFree };

Value value_of(const OptionDoc& option) {
  if (option.argument.empty()) return Value::kNone;
  if (!argument_words(option).empty()) return Value::kWords;
  const std::string_view argument = option.argument;
  if (argument.ends_with("DIR")) return Value::kFolder;
  if (argument.ends_with("FILE") || argument.ends_with("TRACE") ||
      argument == "BASE") {
    return Value::kFile;
  }
  return Value::kFree;
}

std::string joined(const std::vector<std::string>& words,
                   std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

std::vector<std::string> option_words(const std::vector<OptionDoc>& options) {
  std::vector<std::string> words;
  for (const OptionDoc& option : options) {
    if (option.letter != 0) words.push_back({'-', option.letter});
    words.push_back("--" + option.name);
  }
  return words;
}

// What `quote` makes safe inside the shell's '...' or "...".
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

// Each option once, whichever command has it.
std::vector<OptionDoc> all_options(const ProgramDoc& program) {
  std::vector<OptionDoc> all = program.options;
  for (const CommandDoc& command : program.commands) {
    for (const OptionDoc& option : command.options) {
      const bool known =
          std::any_of(all.begin(), all.end(), [&](const OptionDoc& other) {
            return other.name == option.name &&
                   other.argument == option.argument;
          });
      if (!known) all.push_back(option);
    }
  }
  return all;
}

std::string bash_value(const OptionDoc& option) {
  switch (value_of(option)) {
    case Value::kWords:
      return "COMPREPLY=($(compgen -W '" + joined(argument_words(option), " ") +
             "' -- \"$cur\"))";
    case Value::kFolder:
      return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Value::kFile:
      return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    default:
      return ":";
  }
}

std::string zsh_value(const OptionDoc& option) {
  const std::string name = ":" + escaped(option.argument, ":\\'");
  switch (value_of(option)) {
    case Value::kNone:
      return "";
    case Value::kWords:
      return ":value:(" + joined(argument_words(option), " ") + ")";
    case Value::kFolder:
      return name + ":_files -/";
    case Value::kFile:
      return name + ":_files";
    case Value::kFree:
      return name + ": ";
  }
  return "";
}

std::string zsh_arguments(const std::vector<OptionDoc>& options) {
  std::string text;
  for (const OptionDoc& option : options) {
    const std::string rest = "[" + escaped(option.summary, "[]:\\") + "]" +
                             (option.argument_optional ? ":" : "") +
                             zsh_value(option);
    std::string spec = "*--" + option.name;
    if (!option.argument.empty()) {
      spec += option.argument_optional ? "=-" : "=";
    }
    spec += rest;
    text += "    " + single_quoted(spec) + " \\\n";
    if (option.letter == 0) continue;
    spec = {'*', '-', option.letter};
    spec += rest;
    text += "    " + single_quoted(spec) + " \\\n";
  }
  return text;
}

std::string fish_option(const std::string& program, const OptionDoc& option,
                        const std::string& condition) {
  std::string text =
      "complete -c " + program + condition + " -l " + option.name;
  if (option.letter != 0) text += std::string(" -s ") + option.letter;
  switch (value_of(option)) {
    case Value::kNone:
      break;
    case Value::kWords:
      text += " -x -a " + single_quoted(joined(argument_words(option), " "));
      break;
    case Value::kFolder:
      text += " -x -a '(__fish_complete_directories)'";
      break;
    case Value::kFile:
      text += " -r -F";
      break;
    case Value::kFree:
      text += option.argument_optional ? "" : " -x";
      break;
  }
  return text + " -d " + single_quoted(option.summary) + "\n";
}

}  // namespace

std::vector<std::string> argument_words(const OptionDoc& option) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : option.argument + "|") {
    if (c == '|') {
      words.push_back(std::exchange(word, {}));
    } else if (std::islower(static_cast<unsigned char>(c)) != 0 || c == '-' ||
               std::isdigit(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else {
      return {};
    }
  }
  return words;
}

std::string bash_completion(const ProgramDoc& program) {
  const std::string function = "_" + program.name;
  std::string text = "# bash completion of " + program.name + "\n" + function +
                     "() {\n"
                     "  local cur=${COMP_WORDS[COMP_CWORD]}\n"
                     "  local prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "  local i options\n"
                     "  COMPREPLY=()\n";
  if (program.commands.empty() || !program.options.empty()) {
    // Behind "--" stands somebody else's command line.
    text +=
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    [[ ${COMP_WORDS[i]} == -- ]] || continue\n"
        "    if declare -F _command_offset >/dev/null; then\n"
        "      _command_offset $((i + 1))\n"
        "    else\n"
        "      COMPREPLY=($(compgen -c -- \"$cur\"))\n"
        "    fi\n"
        "    return\n"
        "  done\n";
  }
  text += "  case $prev in\n";
  for (const OptionDoc& option : all_options(program)) {
    if (option.argument.empty() || option.argument_optional) continue;
    text += "    --" + option.name;
    if (option.letter != 0) text += std::string("|-") + option.letter;
    text += ") " + bash_value(option) + "; return ;;\n";
  }
  text += "  esac\n";
  std::vector<std::string> names;
  text += "  case ${COMP_WORDS[1]} in\n";
  for (const CommandDoc& command : program.commands) {
    names.push_back(command.name);
    text += "    " + command.name + ") options='" +
            joined(option_words(command.options), " ") + "' ;;\n";
  }
  text += "    *) options='" + joined(option_words(program.options), " ") +
          "' ;;\n  esac\n";
  if (!names.empty()) {
    text +=
        "  if ((COMP_CWORD == 1)); then\n"
        "    COMPREPLY=($(compgen -W \"" +
        joined(names, " ") +
        " $options\" -- \"$cur\"))\n"
        "    return\n"
        "  fi\n";
  }
  return text +
         "  if [[ $cur == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -o bashdefault -F " +
         function + " " + program.name + "\n";
}

std::string zsh_completion(const ProgramDoc& program) {
  const std::string function = "_" + program.name;
  std::string text = "#compdef " + program.name + "\n\n" + function +
                     "() {\n"
                     "  local -a commands\n"
                     "  commands=(\n";
  for (const CommandDoc& command : program.commands) {
    text += "    " +
            single_quoted(command.name + ":" + escaped(command.summary, ":")) +
            "\n";
  }
  text += "  )\n";
  if (!program.commands.empty()) {
    text +=
        "  if ((CURRENT == 2)) && [[ ${words[2]} != -* ]]; then\n"
        "    _describe command commands\n" +
        std::string(program.options.empty() ? "    return\n" : "") +
        "  fi\n"
        "  case ${words[2]} in\n";
    for (const CommandDoc& command : program.commands) {
      text += "  " + command.name +
              ")\n"
              "    shift words\n    ((CURRENT--))\n"
              "    _arguments -s \\\n" +
              zsh_arguments(command.options) +
              "    '*:trace:_files'\n"
              "    return ;;\n";
    }
    text += "  esac\n";
  }
  if (!program.options.empty()) {
    text += "  _arguments -s -S \\\n" + zsh_arguments(program.options) +
            "    '*::program:_normal'\n";
  }
  return text + "}\n\n" + function + " \"$@\"\n";
}

std::string fish_completion(const ProgramDoc& program) {
  std::string text = "# fish completion of " + program.name + "\n";
  const std::string no_command = " -n __fish_use_subcommand";
  for (const CommandDoc& command : program.commands) {
    text += "complete -c " + program.name + " -f" + no_command + " -a " +
            command.name + " -d " + single_quoted(command.summary) + "\n";
  }
  for (const OptionDoc& option : program.options) {
    text += fish_option(program.name, option,
                        program.commands.empty() ? "" : no_command);
  }
  for (const CommandDoc& command : program.commands) {
    for (const OptionDoc& option : command.options) {
      text +=
          fish_option(program.name, option,
                      " -n '__fish_seen_subcommand_from " + command.name + "'");
    }
  }
  return text;
}

}  // namespace ptcap::formats
