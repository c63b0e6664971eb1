// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/exec.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "capture/emu/emulator_command.h"
#include "capture/emu/plugin/guest.h"
#include "capture/emu/plugin/process.h"

namespace ptcap::capture::emu::plugin {

namespace {

// Whether the kernel can read a string there.
bool is_string(uint64_t address) {
  return syscall(SYS_access, guest_memory<const char>(address), F_OK) == 0 ||
         errno != EFAULT;
}

const char* guest_string(uint64_t address) {
  return guest_memory<const char>(address);
}

uint64_t guest_pointer(uint64_t array, size_t index) {
  if (process.is_32bit) {
    return guest_memory<const uint32_t>(array)[index];
  }
  return guest_memory<const uint64_t>(array)[index];
}

// The guest's array of strings as the host's, with its end; null if it cannot
// be read. A null array is an empty one, as Linux has it.
char** guest_strings(uint64_t array) {
  if (array != 0 && !is_string(array)) return nullptr;
  size_t count = 0;
  while (array != 0 && guest_pointer(array, count) != 0) ++count;
  auto** strings = static_cast<char**>(calloc(count + 1, sizeof(char*)));
  if (strings == nullptr) return nullptr;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t address = guest_pointer(array, i);
    if (!is_string(address)) {
      free(strings);
      return nullptr;
    }
    strings[i] = const_cast<char*>(guest_string(address));
  }
  return strings;
}

// /proc/self/exe is the emulator's own file.
bool is_own_exe(const char* path) {
  if (strcmp(path, "/proc/self/exe") == 0) return true;
  char by_pid[64];
  snprintf(by_pid, sizeof(by_pid), "/proc/%d/exe", getpid());
  return strcmp(path, by_pid) == 0;
}

const char* real_path(const char* path) {
  return is_own_exe(path) ? process.program : path;
}

void tell_not_followed(const char* path, const char* reason) {
  char message[PATH_MAX + 128];
  snprintf(message, sizeof(message), "%s: %s", path, reason);
  send_text(MessageKind::kNotFollowed, message);
}

// Why this process could not run another emulator; null if it can.
const char* obstacle(const ResolvedProgram& program,
                     const ArenaConfig& config) {
  if (program.kind == ProgramKind::kNative) return program.reason;
  const char* emulator = program.kind == ProgramKind::kElf32
                             ? config.emulator_32
                             : config.emulator_64;
  if (emulator[0] == '\0') return "there is no emulator for it";
  if (access(emulator, X_OK) != 0 || access(config.plugin, R_OK) != 0) {
    return "the emulator cannot be reached from here (chroot?)";
  }
  if (access(process.arena_path, R_OK | W_OK) != 0) {
    return "ptcap cannot be reached from here (another user, or no /proc?)";
  }
  return nullptr;
}

void follow(const char* path, uint64_t argv, uint64_t envp) {
  if (process.arena.header().detached.load() != 0) return;
  char** arguments = guest_strings(argv);
  char** environment = guest_strings(envp);
  // Large, and the guest thread's stack may not be.
  auto* program =
      static_cast<ResolvedProgram*>(calloc(1, sizeof(ResolvedProgram)));
  if (arguments != nullptr && environment != nullptr && program != nullptr) {
    const ArenaConfig& config = process.arena.header().config;
    const bool has_name = arguments[0] != nullptr;
    resolve_program(real_path(path), has_name ? arguments[0] : "", *program);
    EmulatorCommand command;
    const char* reason = nullptr;
    if (program->kind == ProgramKind::kError) {
      // The syscall fails in the same way.
    } else if ((reason = obstacle(*program, config)) != nullptr) {
      tell_not_followed(path, reason);
    } else if (build_emulator_command(config, process.arena_path, *program,
                                      base_name(path),
                                      has_name ? arguments + 1 : arguments,
                                      environment, command)) {
      execve(command.path, command.argv, command.envp);
    }
    free_emulator_command(command);
  }
  free(program);
  free(environment);
  free(arguments);
}

// The file of a descriptor, by name if it has one. Else by its number, which
// then has to survive the exec.
void path_of_descriptor(int fd, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, size - 1);
  if (length > 0 && path[0] == '/') {
    path[length] = '\0';
    if (access(path, F_OK) == 0) return;
  }
  fcntl(fd, F_SETFD, 0);
  snprintf(path, size, "%s", link);
}

}  // namespace

void follow_execve(uint64_t path, uint64_t argv, uint64_t envp) {
  if (is_string(path)) follow(guest_string(path), argv, envp);
}

void follow_execveat(int directory, uint64_t path, uint64_t argv, uint64_t envp,
                     int flags) {
  if (!is_string(path)) return;
  const char* name = guest_string(path);
  char full[2 * PATH_MAX];
  if (name[0] == '/' || (directory == AT_FDCWD && name[0] != '\0')) {
    return follow(name, argv, envp);
  }
  if (name[0] == '\0' && (flags & AT_EMPTY_PATH) == 0) return;
  path_of_descriptor(directory, full, PATH_MAX);
  if (name[0] != '\0') {
    const size_t used = strlen(full);
    snprintf(full + used, sizeof(full) - used, "/%s", name);
  }
  follow(full, argv, envp);
}

}  // namespace ptcap::capture::emu::plugin
