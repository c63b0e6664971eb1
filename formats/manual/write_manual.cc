// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "formats/manual/write_manual.h"

#include <fstream>
#include <iostream>

namespace ptcap::formats {

namespace {

int write_man(const ProgramDoc& program, const std::string& path) {
  std::ifstream page(path);
  if (!page) {
    std::cerr << path << ": cannot be read\n";
    return 1;
  }
  for (std::string line; std::getline(page, line);) {
    if (line == ".COMMANDS") {
      std::cout << man_commands(program);
    } else if (line == ".OPTIONS") {
      std::cout << man_options(program);
    } else {
      std::cout << line << '\n';
    }
  }
  return 0;
}

}  // namespace

int write_manual(const ProgramDoc& program,
                 const std::vector<std::string>& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (what == "man" && words.size() == 2) return write_man(program, words[1]);
  if (what == "bash") {
    std::cout << bash_completion(program);
  } else if (what == "zsh") {
    std::cout << zsh_completion(program);
  } else if (what == "fish") {
    std::cout << fish_completion(program);
  } else {
    std::cerr << "usage: man PAGE | bash | zsh | fish\n";
    return 2;
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace ptcap::formats
