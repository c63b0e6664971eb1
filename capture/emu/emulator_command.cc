// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emulator_command.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ptcap::capture::emu {

namespace {

// Linux looks at as many bytes of a file.
constexpr size_t kHeadSize = 256;

struct FileHead {
  char bytes[kHeadSize + 1] = {};
  ssize_t size = 0;
};

const char* pooled(ResolvedProgram& program, const char* text) {
  const auto size = static_cast<uint32_t>(strlen(text) + 1);
  if (program.pool_used + size > sizeof(program.pool)) return "";
  char* copy = program.pool + program.pool_used;
  std::memcpy(copy, text, size);
  program.pool_used += size;
  return copy;
}

void fail(ResolvedProgram& program, int error) {
  program.kind = ProgramKind::kError;
  program.error = error;
}

void run_natively(ResolvedProgram& program, const char* reason) {
  program.kind = ProgramKind::kNative;
  program.reason = reason;
}

// An emulator does not get the rights of the program that it runs.
bool gains_rights(const struct stat& file) {
  return ((file.st_mode & S_ISUID) != 0 && file.st_uid != geteuid()) ||
         ((file.st_mode & S_ISGID) != 0 && (file.st_mode & S_IXGRP) != 0 &&
          file.st_gid != getegid());
}

// False, with the outcome in `program`, if there is nothing to look at.
bool read_head(ResolvedProgram& program, FileHead& head) {
  struct stat file;
  if (stat(program.path, &file) != 0) {
    fail(program, errno);
    return false;
  }
  if (!S_ISREG(file.st_mode) ||
      faccessat(AT_FDCWD, program.path, X_OK, AT_EACCESS) != 0) {
    fail(program, EACCES);
    return false;
  }
  if (gains_rights(file)) {
    run_natively(program, "it is setuid or setgid");
    return false;
  }
  const int fd = open(program.path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    run_natively(program, "its file cannot be read");
    return false;
  }
  head.size = read(fd, head.bytes, kHeadSize);
  close(fd);
  return true;
}

void classify_elf(const FileHead& head, ResolvedProgram& program) {
  Elf32_Ehdr header;  // the fields used are in the same place in both classes
  if (head.size < static_cast<ssize_t>(sizeof(header))) {
    return fail(program, ENOEXEC);
  }
  std::memcpy(&header, head.bytes, sizeof(header));
  const unsigned elf_class = header.e_ident[EI_CLASS];
  if (header.e_machine == EM_X86_64 && elf_class == ELFCLASS64) {
    program.kind = ProgramKind::kElf64;
  } else if (header.e_machine == EM_386 && elf_class == ELFCLASS32) {
    program.kind = ProgramKind::kElf32;
  } else {
    run_natively(program, "it is for another architecture");
  }
}

// The interpreter takes the script's place: its path, its argument if there
// is one, the script, then what the script got.
bool enter_script(FileHead& head, ResolvedProgram& program) {
  head.bytes[strcspn(head.bytes, "\n")] = '\0';
  char* interpreter = head.bytes + 2 + strspn(head.bytes + 2, " \t");
  char* end = interpreter + strcspn(interpreter, " \t");
  char* argument = end + strspn(end, " \t");
  *end = '\0';
  for (size_t size = strlen(argument);
       size > 0 && (argument[size - 1] == ' ' || argument[size - 1] == '\t');) {
    argument[--size] = '\0';
  }
  if (*interpreter == '\0') {
    fail(program, ENOEXEC);
    return false;
  }
  const char* front[ResolvedProgram::kMaxFront + 1];
  int count = 0;
  front[count++] = pooled(program, interpreter);
  if (*argument != '\0') front[count++] = pooled(program, argument);
  front[count++] = pooled(program, program.path);
  for (int i = 1; i < program.front_count && count < program.kMaxFront; ++i) {
    front[count++] = program.front[i];
  }
  std::memcpy(program.front, front, sizeof(front[0]) * count);
  program.front_count = count;
  std::memcpy(program.path, interpreter, strlen(interpreter) + 1);
  return true;
}

size_t count_of(char* const* strings) {
  size_t count = 0;
  while (strings[count] != nullptr) ++count;
  return count;
}

bool starts_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

// Copies `variable` to `out`, whose end it moves, with its commas hidden.
char* hide_commas(char*& out, const char* variable) {
  char* copy = out;
  for (; *variable != '\0'; ++variable) {
    *out++ = *variable == ',' ? kHiddenComma : *variable;
  }
  *out++ = '\0';
  return copy;
}

// Whether it goes to the program by -E, its commas hidden.
bool is_handed_over(const char* variable) {
  return is_loader_variable(variable) &&
         strchr(variable, kHiddenComma) == nullptr;
}

bool hides_commas(char* const* environment) {
  for (; *environment != nullptr; ++environment) {
    if (is_handed_over(*environment) && strchr(*environment, ',') != nullptr) {
      return true;
    }
  }
  return false;
}

size_t size_of(char* const* strings) {
  size_t size = 0;
  for (; *strings != nullptr; ++strings) size += strlen(*strings) + 1;
  return size;
}

// "PLUGIN,arena=PATH,name=NAME,program=FILE", and ",commas=on" where there are
// hidden ones.
char* plugin_option(const ArenaConfig& config, const char* arena_path,
                    const char* name, const char* file, bool commas) {
  constexpr char kArena[] = ",arena=";
  constexpr char kName[] = ",name=";
  constexpr char kProgram[] = ",program=";
  constexpr char kCommas[] = ",commas=on";
  const size_t values =
      strlen(config.plugin) + strlen(arena_path) + strlen(name) + strlen(file);
  auto* option =
      static_cast<char*>(malloc(2 * values + sizeof(kArena) + sizeof(kName) +
                                sizeof(kProgram) + sizeof(kCommas)));
  if (option == nullptr) return nullptr;
  char* out = option;
  append_escaped(out, config.plugin);
  out = stpcpy(out, kArena);
  append_escaped(out, arena_path);
  out = stpcpy(out, kName);
  append_escaped(out, name);
  out = stpcpy(out, kProgram);
  append_escaped(out, file);
  if (commas) out = stpcpy(out, kCommas);
  *out = '\0';
  return option;
}

char* text(const char* constant) { return const_cast<char*>(constant); }

}  // namespace

void append_escaped(char*& out, const char* text) {
  for (; *text != '\0'; ++text) {
    *out++ = *text;
    if (*text == ',') *out++ = ',';
  }
}

const char* base_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash != nullptr ? slash + 1 : path;
}

bool is_loader_variable(const char* variable) {
  return starts_with(variable, "LD_") || starts_with(variable, "MALLOC_") ||
         starts_with(variable, "GLIBC_TUNABLES=") ||
         starts_with(variable, "QEMU_");
}

void resolve_program(const char* path, const char* argv0,
                     ResolvedProgram& program) {
  if (strlen(path) >= sizeof(program.path)) return fail(program, ENAMETOOLONG);
  std::memcpy(program.path, path, strlen(path) + 1);
  program.front[0] = argv0;
  program.front_count = 1;
  for (int depth = 0; depth <= ResolvedProgram::kMaxInterpreters; ++depth) {
    FileHead head;
    if (!read_head(program, head)) return;
    if (head.size >= SELFMAG && std::memcmp(head.bytes, ELFMAG, SELFMAG) == 0) {
      return classify_elf(head, program);
    }
    if (head.size < 2 || head.bytes[0] != '#' || head.bytes[1] != '!') {
      return run_natively(program, "it is neither ELF nor a script");
    }
    if (!enter_script(head, program)) return;
  }
  fail(program, ELOOP);
}

bool build_emulator_command(const ArenaConfig& config, const char* arena_path,
                            const ResolvedProgram& program, const char* name,
                            char* const* arguments, char* const* environment,
                            EmulatorCommand& command) {
  const size_t argument_count = count_of(arguments);
  const size_t variable_count = count_of(environment);
  constexpr size_t kOptions = 16;
  auto** argv = static_cast<char**>(calloc(
      kOptions + program.front_count + argument_count + 2 * variable_count,
      sizeof(char*)));
  auto** envp = static_cast<char**>(calloc(variable_count + 1, sizeof(char*)));
  char* plugin = plugin_option(config, arena_path, name, program.path,
                               hides_commas(environment));
  command.argv = argv;
  command.envp = envp;
  command.plugin_option = plugin;
  auto* hidden = static_cast<char*>(malloc(size_of(environment) + 1));
  command.variables = hidden;
  if (argv == nullptr || envp == nullptr || plugin == nullptr ||
      hidden == nullptr) {
    return false;
  }
  command.path = program.kind == ProgramKind::kElf32 ? config.emulator_32
                                                     : config.emulator_64;
  char** out = argv;
  *out++ = text(command.path);
  *out++ = text("-cpu");
  // Without ERMS the C library copies with vectors: one round of the emulator
  // for each 64 bytes instead of one for each 8.
  *out++ = text("max,erms=off");
  *out++ = text("-plugin");
  *out++ = plugin;
  if (config.extra_plugin[0] != '\0') {
    *out++ = text("-plugin");
    *out++ = text(config.extra_plugin);
  }
  size_t kept = 0;
  for (size_t i = 0; i < variable_count; ++i) {
    if (is_handed_over(environment[i])) {
      *out++ = text("-E");
      *out++ = hide_commas(hidden, environment[i]);
    } else {
      envp[kept++] = environment[i];
    }
  }
  *out++ = text("-0");
  *out++ = text(program.front[0]);
  *out++ = text(program.path);
  for (int i = 1; i < program.front_count; ++i) {
    *out++ = text(program.front[i]);
  }
  std::memcpy(out, arguments, argument_count * sizeof(char*));
  return true;
}

void free_emulator_command(EmulatorCommand& command) {
  free(command.argv);
  free(command.envp);
  free(command.plugin_option);
  free(command.variables);
  command = EmulatorCommand();
}

}  // namespace ptcap::capture::emu
