// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The plugin's face towards QEMU: installation, translation, callbacks.
//
//   qemu-x86_64 -plugin ptcap_emu.so,arena=/proc/PTCAP/fd/N PROGRAM ARGS...

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "capture/emu/plugin/block.h"
#include "capture/emu/plugin/code_log.h"
#include "capture/emu/plugin/death.h"
#include "capture/emu/plugin/flow.h"
#include "capture/emu/plugin/guest.h"
#include "capture/emu/plugin/interface.h"
#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/qemu_plugin_api.h"
#include "capture/emu/plugin/registers.h"
#include "capture/emu/plugin/syscalls.h"
#include "formats/x86/insn.h"

#define PTCAP_EXPORT [[gnu::visibility("default")]]

extern "C" {
PTCAP_EXPORT int qemu_plugin_version =
    ptcap::capture::emu::plugin::interface_to_declare();
PTCAP_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
                                     const qemu_info_t* info, int argc,
                                     char** argv);
}

namespace ptcap::capture::emu::plugin {

namespace {

constexpr uint32_t kMaxBlockBytes = 16 << 10;
constexpr uint64_t kPageSize = 4096;

// The bytes of a translated block. QEMU translates under a lock.
struct BlockBytes {
  uint8_t bytes[kMaxBlockBytes];
  uint32_t size = 0;
  uint32_t last_offset = 0;
  uint32_t instructions = 0;
};
BlockBytes block_bytes;

void gather(const qemu_plugin_tb* tb, BlockBytes& block) {
  block.size = block.last_offset = block.instructions = 0;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < count; ++i) {
    const qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    const size_t size = qemu_plugin_insn_size(insn);
    if (block.size + size > kMaxBlockBytes) return;
    copy_insn(process.interface, insn, block.bytes + block.size, size);
    block.last_offset = block.size;
    block.size += static_cast<uint32_t>(size);
    ++block.instructions;
  }
}

// When an instruction after the first crosses a page, QEMU 7.2 ends the block
// before it but leaves it, cut short, in the plugin's list.
void drop_backed_out(uint64_t ip, BlockBytes& block) {
  const uint64_t last_ip = ip + block.last_offset;
  const uint64_t to_page_end = kPageSize - last_ip % kPageSize;
  if (block.instructions < 2 || to_page_end >= x86::kMaxInsnSize) return;
  const auto mode = process.is_32bit ? x86::Mode::k32 : x86::Mode::k64;
  const uint32_t size = block.size - block.last_offset;
  x86::Insn insn;
  if (x86::decode_insn({block.bytes + block.last_offset, size}, mode, insn) &&
      insn.length == size) {
    return;
  }
  block.size = block.last_offset;
  --block.instructions;
  // Where the one before it began does not matter: it is no branch.
  block.last_offset = block.size;
}

void on_translation(qemu_plugin_id_t /*id*/, qemu_plugin_tb* tb) {
  const uint64_t ip = qemu_plugin_tb_vaddr(tb);
  if (process.guest_offset == 0) {
    learn_guest_offset(qemu_plugin_tb_get_insn(tb, 0));
  }
  BlockBytes& bytes = block_bytes;
  gather(tb, bytes);
  drop_backed_out(ip, bytes);
  Block& block = *allocate_block();
  classify(block, ip, bytes.bytes, bytes.size, bytes.last_offset,
           bytes.instructions);
  block.epoch = note_code(ip, bytes.bytes, bytes.size);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, callback_for(block),
                                       QEMU_PLUGIN_CB_R_REGS, &block);
}

void on_vcpu_init(qemu_plugin_id_t /*id*/, unsigned /*vcpu*/) {
  find_registers();
}

void on_syscall(qemu_plugin_id_t /*id*/, unsigned /*vcpu*/, int64_t number,
                uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                uint64_t f, uint64_t /*g*/, uint64_t /*h*/) {
  before_syscall(number, {a, b, c, d, e, f});
}

void on_syscall_return(qemu_plugin_id_t /*id*/, unsigned /*vcpu*/,
                       int64_t number, int64_t result) {
  after_syscall(number, result);
}

void on_fork_in_child() {
  after_fork_in_child();
  repeat_code_in_child();
}

bool map_arena(const char* path) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat file = {};
  fstat(fd, &file);
  const auto size = static_cast<uint64_t>(file.st_size);
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_NORESERVE, fd, 0);
  close(fd);
  if (base == MAP_FAILED || size < kHeaderSize) return false;
  process.arena = Arena(static_cast<uint8_t*>(base));
  const ArenaHeader& header = process.arena.header();
  return header.magic == kArenaMagic && size == arena_size(header.slot_count);
}

bool install(const qemu_info_t& info, const char* arena_path, const char* name,
             const char* program) {
  unstarted.block = &start_block;
  process.is_32bit = strcmp(info.target_name, "i386") == 0;
  process.interface = info.version.cur;
  snprintf(process.arena_path, sizeof(process.arena_path), "%s", arena_path);
  if (realpath(program, process.program) == nullptr) {
    snprintf(process.program, sizeof(process.program), "%s", program);
  }
  // ptcap may have gone since this process asked to follow the exec: then the
  // program runs without it.
  if (access(arena_path, F_OK) != 0) return true;
  if (!map_arena(arena_path)) return false;
  process.encoder_options = process.arena.header().config.encoder;
  process.encoder_options.mode_exec =
      process.is_32bit ? pt::kModeExec32 : pt::kModeExec64;
  open_process(ProcessStart::kExec, name);
  // As the program finds it, in prctl() and /proc.
  prctl(PR_SET_NAME, name);
  watch_death();
  return pthread_atfork(nullptr, nullptr, on_fork_in_child) == 0;
}

const char* argument(const char* name, int argc, char** argv) {
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], name, strlen(name)) == 0) {
      return argv[i] + strlen(name);
    }
  }
  return nullptr;
}

// ptcap asks whether this emulator takes the plugin.
[[noreturn]] void answer_probe(const qemu_info_t& info) {
  char answer[64];
  const int size = snprintf(answer, sizeof(answer), "%s%d\n", kProbeAnswer,
                            info.version.cur);
  [[maybe_unused]] const ssize_t written =
      write(STDOUT_FILENO, answer, static_cast<size_t>(size));
  _exit(0);
}

}  // namespace

}  // namespace ptcap::capture::emu::plugin

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  namespace plugin = ptcap::capture::emu::plugin;
  if (plugin::argument("probe=on", argc, argv) != nullptr) {
    plugin::answer_probe(*info);
  }
  const char* arena_path = plugin::argument("arena=", argc, argv);
  const char* name = plugin::argument("name=", argc, argv);
  const char* program = plugin::argument("program=", argc, argv);
  plugin::process.has_hidden_commas =
      plugin::argument("commas=on", argc, argv) != nullptr;
  if (info->system_emulation || arena_path == nullptr || name == nullptr ||
      program == nullptr ||
      !plugin::install(*info, arena_path, name, program)) {
    return -1;
  }
  if (!plugin::process.is_recorded) return 0;
  qemu_plugin_register_vcpu_init_cb(id, plugin::on_vcpu_init);
  qemu_plugin_register_vcpu_tb_trans_cb(id, plugin::on_translation);
  qemu_plugin_register_vcpu_syscall_cb(id, plugin::on_syscall);
  qemu_plugin_register_vcpu_syscall_ret_cb(id, plugin::on_syscall_return);
  return 0;
}
