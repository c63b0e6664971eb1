// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Whether an emulator takes our plugin: asked by running it.

#ifndef PTCAP_CAPTURE_EMU_EMULATOR_PROBE_H_
#define PTCAP_CAPTURE_EMU_EMULATOR_PROBE_H_

#include <string>

namespace ptcap::capture::emu {

struct EmulatorAnswer {
  int interface = 0;      // of the emulator; 0 if the plugin did not run
  std::string complaint;  // then the emulator's first words
};

// No program runs. At most ten seconds.
EmulatorAnswer ask_emulator(const std::string& emulator,
                            const std::string& plugin);

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_EMULATOR_PROBE_H_
