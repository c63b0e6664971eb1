// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A second QEMU plugin for tests, loaded beside ours: logs each instruction
// that the emulator is about to execute, one file for each thread and exec.
//
//   ptcap_emu_truth.so,dir=FOLDER   writes FOLDER/PID.TID.START_NS
//
// The file is a row of truth_log.h's entries in shared mappings of it, so that
// nothing is lost when the process dies; the end is zeros.

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "capture/emu/plugin/interface.h"
#include "capture/emu/plugin/qemu_plugin_api.h"
#include "tests/capture/emu/truth_log.h"

namespace {

using ptcap::capture::emu::TruthEntry;
using ptcap::capture::emu::plugin::copy_insn;
using ptcap::capture::emu::plugin::interface_to_declare;

constexpr size_t kWindowBytes = 1 << 20;
constexpr size_t kWindowEntries = kWindowBytes / sizeof(TruthEntry);
// A test's program that runs away does not fill the disk.
constexpr size_t kMaxWindows = 4096;

struct Log {
  TruthEntry* at = nullptr;
  TruthEntry* end = nullptr;
  TruthEntry last = 0;
  size_t windows = 0;
  char path[256] = {};
};

char folder[200];
int interface = 1;
thread_local Log log;

void name_file() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(log.path, sizeof(log.path), "%s/%d.%ld.%015lld", folder, getpid(),
           syscall(SYS_gettid),
           static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec);
}

void open_window() {
  if (log.path[0] == '\0') name_file();
  if (log.at != nullptr) munmap(log.end - kWindowEntries, kWindowBytes);
  const int fd = open(log.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const auto offset = static_cast<off_t>(log.windows * kWindowBytes);
  if (fd < 0 || ++log.windows > kMaxWindows ||
      ftruncate(fd, offset + static_cast<off_t>(kWindowBytes)) != 0) {
    abort();
  }
  void* window = mmap(nullptr, kWindowBytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                      fd, offset);
  close(fd);
  if (window == MAP_FAILED) abort();
  log.at = static_cast<TruthEntry*>(window);
  log.end = log.at + kWindowEntries;
}

void append(TruthEntry entry) {
  if (log.at == log.end) open_window();
  *log.at++ = entry;
  log.last = entry;
}

TruthEntry entry_of(void* argument) {
  return static_cast<TruthEntry>(reinterpret_cast<uintptr_t>(argument));
}

void on_insn(unsigned /*vcpu*/, void* argument) { append(entry_of(argument)); }

// Each iteration comes here; it is one instruction.
void on_repeated_insn(unsigned /*vcpu*/, void* argument) {
  const TruthEntry entry = entry_of(argument);
  if (log.last != entry) append(entry);
}

bool is_repeated_string(const uint8_t* bytes, size_t size) {
  bool repeated = false;
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] == 0xf2 || bytes[i] == 0xf3) {
      repeated = true;
    } else if (bytes[i] != 0x66 && bytes[i] != 0x67 &&
               (bytes[i] & 0xf0) != 0x40) {
      return repeated && ((bytes[i] >= 0xa4 && bytes[i] <= 0xa7) ||
                          (bytes[i] >= 0xaa && bytes[i] <= 0xaf));
    }
  }
  return false;
}

void on_translation(qemu_plugin_id_t /*id*/, qemu_plugin_tb* tb) {
  const size_t count = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < count; ++i) {
    qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    uint8_t bytes[16] = {};
    const size_t size = std::min(qemu_plugin_insn_size(insn), sizeof(bytes));
    copy_insn(interface, insn, bytes, size);
    const bool repeated = is_repeated_string(bytes, size);
    const TruthEntry entry = ptcap::capture::emu::make_truth_entry(
        qemu_plugin_insn_vaddr(insn), repeated);
    qemu_plugin_register_vcpu_insn_exec_cb(
        insn, repeated ? on_repeated_insn : on_insn, QEMU_PLUGIN_CB_NO_REGS,
        // NOLINTNEXTLINE(performance-no-int-to-ptr): it is the argument itself.
        reinterpret_cast<void*>(uintptr_t{entry}));
  }
}

void on_fork_in_child() { log = Log(); }

}  // namespace

extern "C" {

[[gnu::visibility("default")]] int qemu_plugin_version = interface_to_declare();

[[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id,
                                                       const qemu_info_t* info,
                                                       int argc, char** argv) {
  interface = info->version.cur;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "dir=", 4) == 0) {
      snprintf(folder, sizeof(folder), "%s", argv[i] + 4);
    }
  }
  if (folder[0] == '\0') return -1;
  pthread_atfork(nullptr, nullptr, on_fork_in_child);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}

}  // extern "C"
