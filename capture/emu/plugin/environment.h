// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The environment that the program finds on its stack.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_ENVIRONMENT_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_ENVIRONMENT_H_

namespace ptcap::capture::emu::plugin {

// Puts the commas back that emulator_command.h hid. Before the first
// instruction of a program that was executed.
void restore_commas(const void* state);

}  // namespace ptcap::capture::emu::plugin

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_ENVIRONMENT_H_
