// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The command that runs a program under the emulator with our plugin: used by
// ptcap for the first program and by the plugin at each execve. Free of the
// C++ library for the plugin's sake.

#ifndef PTCAP_CAPTURE_EMU_EMULATOR_COMMAND_H_
#define PTCAP_CAPTURE_EMU_EMULATOR_COMMAND_H_

#include <climits>
#include <cstdint>

#include "capture/emu/arena.h"

namespace ptcap::capture::emu {

enum class ProgramKind : uint8_t {
  kError,   // cannot be executed; `error` is the errno of execve
  kNative,  // can, but not by the emulator; `reason` says why
  kElf64,
  kElf32,
};

// A program file, behind the interpreters that #! lines name.
struct ResolvedProgram {
  static constexpr int kMaxInterpreters = 5;  // as Linux has it
  static constexpr int kMaxFront = 2 * kMaxInterpreters + 1;

  ProgramKind kind = ProgramKind::kError;
  int error = 0;
  const char* reason = "";
  char path[PATH_MAX] = {};
  // What stands for argv[0]: itself, or interpreter, its argument, script...
  const char* front[kMaxFront + 1] = {};
  int front_count = 0;
  // Where front points to.
  char pool[kMaxInterpreters * (PATH_MAX + 512)] = {};
  uint32_t pool_used = 0;
};

// As execve(path) in this process would find it.
void resolve_program(const char* path, const char* argv0,
                     ResolvedProgram& program);

// Variables that would act on the emulator instead of the program.
bool is_loader_variable(const char* variable);

// Stands for a comma in such a variable until the plugin puts that back, as the
// emulator would split the variable there.
inline constexpr char kHiddenComma = '\x1f';

// For execve(path, argv, envp). The strings are partly those of the caller;
// the rest is freed by free_emulator_command().
struct EmulatorCommand {
  const char* path = nullptr;
  char** argv = nullptr;
  char** envp = nullptr;
  char* plugin_option = nullptr;
  char* variables = nullptr;  // those with hidden commas
};

void free_emulator_command(EmulatorCommand& command);

// `program` is of kind kElf64 or kElf32, `name` what the kernel would call its
// process, `arguments` argv[1] and on. The loader's variables are kept from
// the emulator and handed to the program. False if memory is short.
bool build_emulator_command(const ArenaConfig& config, const char* arena_path,
                            const ResolvedProgram& program, const char* name,
                            char* const* arguments, char* const* environment,
                            EmulatorCommand& command);

// Appends a part of an option's value, at most twice as long as `text`: QEMU
// ends it at a comma unless that is doubled. Without a NUL.
void append_escaped(char*& out, const char* text);

// Behind the last slash.
const char* base_name(const char* path);

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_EMULATOR_COMMAND_H_
