// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/environment.h"

#include <cstring>

#include "capture/emu/emulator_command.h"
#include "capture/emu/plugin/guest.h"
#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/registers.h"

namespace ptcap::capture::emu::plugin {

namespace {

// The word at `address`, which moves on to the next one.
uint64_t next_word(uint64_t& address) {
  const size_t size = process.is_32bit ? 4 : 8;
  uint64_t word = 0;
  std::memcpy(&word, guest_memory<const void>(address), size);
  address += size;
  return word;
}

void restore_in(char* variable) {
  if (!is_loader_variable(variable)) return;
  for (; *variable != '\0'; ++variable) {
    if (*variable == kHiddenComma) *variable = ',';
  }
}

}  // namespace

// argc, the arguments, 0, the variables, 0: psABI, "Initial Process Stack".
void restore_commas(const void* state) {
  process.has_hidden_commas = false;
  if (!can_read_registers()) {
    return send_text(MessageKind::kDegraded,
                     "the program's stack was not found: commas in the "
                     "loader's variables (LD_...) are 0x1f characters");
  }
  uint64_t at = guest_register(state, kRsp);
  const uint64_t arguments = next_word(at);
  for (uint64_t i = 0; i <= arguments; ++i) next_word(at);
  while (const uint64_t variable = next_word(at)) {
    restore_in(guest_memory<char>(variable));
  }
}

}  // namespace ptcap::capture::emu::plugin
