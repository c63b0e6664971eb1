// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where the emulators and our plugin are, and whether they fit together.

#ifndef PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_
#define PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_

#include <cstdint>
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

enum class EmulatedMode : uint8_t { k64Bit, k32Bit };

// Whether programs of that mode can be emulated with these files.
struct EmulatorCheck {
  std::string problem;  // why not, with advice on a line of its own; or empty
  int interface = 0;    // the version of the emulator's plugin interface
};

// Runs the emulator once, without a program.
EmulatorCheck check_emulator(const EmulatorFiles& files, EmulatedMode mode);

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_EMULATOR_FILES_H_
