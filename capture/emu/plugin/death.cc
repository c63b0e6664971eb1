// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/death.h"

#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "capture/emu/plugin/flow.h"
#include "capture/emu/plugin/guest.h"

namespace ptcap::capture::emu::plugin {

namespace {

int watched_kill(pid_t pid, int signal) {
  Slot* slot = current_thread();
  if (slot != nullptr && pid == getpid() && signal != 0 &&
      process.knows_guest_state) {
    die_at(*slot, guest_ip(slot->guest_state));
  }
  return kill(pid, signal);
}

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

bool redirect(ElfW(Addr) slot_address) {
  constexpr ElfW(Addr) kPageMask = ~ElfW(Addr){4095};
  auto* page = reinterpret_cast<void*>(slot_address & kPageMask);
  if (mprotect(page, 4096, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(slot_address) =
      reinterpret_cast<void*>(watched_kill);
  return true;
}

// The first object is the program itself, the emulator.
int redirect_kill(dl_phdr_info* info, size_t /*size*/, void* found) {
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
      if (strcmp(imports.strings + symbol.st_name, "kill") == 0 &&
          redirect(info->dlpi_addr + entry.r_offset)) {
        *static_cast<bool*>(found) = true;
      }
    }
  }
  return 1;
}

}  // namespace

bool watch_death() {
  bool found = false;
  dl_iterate_phdr(redirect_kill, &found);
  return found;
}

}  // namespace ptcap::capture::emu::plugin
