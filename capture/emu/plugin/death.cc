// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/death.h"

#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "capture/emu/plugin/flow.h"
#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/registers.h"

// glibc has it, declared only where it is used itself.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __vfprintf_chk(FILE* stream, int flag, const char* format,
                              va_list arguments);

namespace ptcap::capture::emu::plugin {

namespace {

int watched_kill(pid_t pid, int signal) {
  Slot* slot = current_thread();
  if (slot != nullptr && pid == getpid() && signal != 0 && knows_cpu_state()) {
    die_at(*slot, guest_ip(slot->guest_state));
  }
  return kill(pid, signal);
}

// QEMU tells the user of the program's death on the program's stderr.
bool tells_of_death(const char* format) {
  constexpr char kUncaught[] = "qemu: uncaught target signal";
  return strncmp(format, kUncaught, strlen(kUncaught)) == 0;
}

int watched_fprintf(FILE* stream, const char* format, ...) {
  if (tells_of_death(format)) return 0;
  va_list arguments;
  va_start(arguments, format);
  const int result = vfprintf(stream, format, arguments);
  va_end(arguments);
  return result;
}

// The same in a build with _FORTIFY_SOURCE.
int watched_fprintf_chk(FILE* stream, int flag, const char* format, ...) {
  if (tells_of_death(format)) return 0;
  va_list arguments;
  va_start(arguments, format);
  const int result = __vfprintf_chk(stream, flag, format, arguments);
  va_end(arguments);
  return result;
}

// Dynamic sections hold addresses as integers.
// NOLINTBEGIN(performance-no-int-to-ptr)

// The parts of a dynamic section that say what is imported where.
struct Imports {
  const ElfW(Rela) * tables[2] = {};
  size_t sizes[2] = {};
  const ElfW(Sym) * symbols = nullptr;
  const char* strings = nullptr;
};

Imports imports_of(const ElfW(Dyn) * entry) {
  Imports imports;
  for (; entry->d_tag != DT_NULL; ++entry) {
    switch (entry->d_tag) {
      case DT_JMPREL:
        imports.tables[0] =
            reinterpret_cast<const ElfW(Rela)*>(entry->d_un.d_ptr);
        break;
      case DT_PLTRELSZ:
        imports.sizes[0] = entry->d_un.d_val;
        break;
      case DT_RELA:
        imports.tables[1] =
            reinterpret_cast<const ElfW(Rela)*>(entry->d_un.d_ptr);
        break;
      case DT_RELASZ:
        imports.sizes[1] = entry->d_un.d_val;
        break;
      case DT_SYMTAB:
        imports.symbols = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr);
        break;
      case DT_STRTAB:
        imports.strings = reinterpret_cast<const char*>(entry->d_un.d_ptr);
        break;
      default:
        break;
    }
  }
  return imports;
}

struct Redirection {
  const char* function;
  void* replacement;
  bool done;
};

bool redirect(ElfW(Addr) slot_address, void* replacement) {
  constexpr ElfW(Addr) kPageMask = ~ElfW(Addr){4095};
  auto* page = reinterpret_cast<void*>(slot_address & kPageMask);
  if (mprotect(page, 4096, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(slot_address) = replacement;
  return true;
}

// The first object is the program itself, the emulator.
int redirect_in_emulator(dl_phdr_info* info, size_t /*size*/, void* argument) {
  auto& redirection = *static_cast<Redirection*>(argument);
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
      dynamic = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr +
                                                   info->dlpi_phdr[i].p_vaddr);
    }
  }
  if (dynamic == nullptr) return 1;
  const Imports imports = imports_of(dynamic);
  if (imports.symbols == nullptr || imports.strings == nullptr) return 1;
  for (int table = 0; table < 2; ++table) {
    const size_t count = imports.sizes[table] / sizeof(ElfW(Rela));
    for (size_t i = 0; i < count; ++i) {
      const ElfW(Rela)& entry = imports.tables[table][i];
      const auto& symbol = imports.symbols[ELF64_R_SYM(entry.r_info)];
      if (strcmp(imports.strings + symbol.st_name, redirection.function) == 0 &&
          redirect(info->dlpi_addr + entry.r_offset, redirection.replacement)) {
        redirection.done = true;
      }
    }
  }
  return 1;
}

// NOLINTEND(performance-no-int-to-ptr)

}  // namespace

namespace {

// Whether the emulator imports the function, so that it calls ours now.
bool replace_import(const char* function, void* replacement) {
  Redirection redirection = {function, replacement, false};
  dl_iterate_phdr(redirect_in_emulator, &redirection);
  return redirection.done;
}

bool replace_printing() {
  const bool plain =
      replace_import("fprintf", reinterpret_cast<void*>(watched_fprintf));
  const bool checked = replace_import(
      "__fprintf_chk", reinterpret_cast<void*>(watched_fprintf_chk));
  return plain || checked;
}

}  // namespace

void watch_death() {
  const bool shall_fail =
      (process.arena.header().config.failing_checks & kFailDeath) != 0;
  if (shall_fail ||
      !replace_import("kill", reinterpret_cast<void*>(watched_kill))) {
    send_text(MessageKind::kDegraded,
              "the emulator's way to die was not found: a program that a "
              "signal kills appears up to its last block's begin");
  }
  if (shall_fail || !replace_printing()) {
    send_text(MessageKind::kDegraded,
              "the emulator's way to print was not found: it tells of a "
              "program's death on the program's stderr");
  }
}

}  // namespace ptcap::capture::emu::plugin
