// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the emulators and our plugin are, and whether they fit together.

#ifndef PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_
#define PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_

#include <string>

namespace ptcap::capture::emu {

struct EmulatorFiles {
  std::string emulator_64;  // absolute; empty if there is none
  std::string emulator_32;
  std::string plugin;
};

// Emulators from PATH. The plugin beside ptcap's own file or under its prefix
// (lib/ptcap), or what PTCAP_EMU_PLUGIN names.
EmulatorFiles find_emulator_files();

// Why these would not work, with advice on further lines; empty if they would.
// Looks at the files only.
std::string emulator_problem(const EmulatorFiles& files);

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_
