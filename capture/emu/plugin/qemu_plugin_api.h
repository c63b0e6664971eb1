// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The part of QEMU's plugin interface that we use (docs/devel/tcg-plugins),
// declared here because no Debian package ships its header. Versions:
//
//   1  QEMU 6.0 to 8.2
//   2  9.0: a CPU's registers can be read
//   3  9.1: qemu_plugin_insn_data() copies
//   4  9.2, 10.0
//   5  10.1, 10.2
//   6  later: a callback for interrupts and exceptions
//   7  all callbacks have other arguments: not supported
//
// An emulator says which it has and which it still takes. One build serves
// all: what an emulator may lack is weak, and interface.h knows the rest.

#ifndef PTCAP_CAPTURE_EMU_PLUGIN_QEMU_PLUGIN_API_H_
#define PTCAP_CAPTURE_EMU_PLUGIN_QEMU_PLUGIN_API_H_

#include <cstddef>
#include <cstdint>

extern "C" {

using qemu_plugin_id_t = uint64_t;

struct qemu_info_t {
  const char* target_name;
  struct {
    int min;
    int cur;
  } version;
  bool system_emulation;
  union {
    struct {
      int smp_vcpus;
      int max_vcpus;
    } system;
  };
};

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum qemu_plugin_cb_flags {
  QEMU_PLUGIN_CB_NO_REGS,
  QEMU_PLUGIN_CB_R_REGS,
  QEMU_PLUGIN_CB_RW_REGS,
};

using qemu_plugin_udata_cb_t = void (*)(qemu_plugin_id_t, void*);
using qemu_plugin_vcpu_simple_cb_t = void (*)(qemu_plugin_id_t, unsigned);
using qemu_plugin_vcpu_udata_cb_t = void (*)(unsigned, void*);
using qemu_plugin_vcpu_tb_trans_cb_t = void (*)(qemu_plugin_id_t,
                                                qemu_plugin_tb*);
using qemu_plugin_vcpu_syscall_cb_t = void (*)(qemu_plugin_id_t, unsigned,
                                               int64_t, uint64_t, uint64_t,
                                               uint64_t, uint64_t, uint64_t,
                                               uint64_t, uint64_t, uint64_t);
using qemu_plugin_vcpu_syscall_ret_cb_t = void (*)(qemu_plugin_id_t, unsigned,
                                                   int64_t, int64_t);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           qemu_plugin_vcpu_tb_trans_cb_t);
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb*,
                                          qemu_plugin_vcpu_udata_cb_t,
                                          qemu_plugin_cb_flags, void*);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn*,
                                            qemu_plugin_vcpu_udata_cb_t,
                                            qemu_plugin_cb_flags, void*);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t,
                                          qemu_plugin_vcpu_syscall_cb_t);
void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t, qemu_plugin_vcpu_syscall_ret_cb_t);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t,
                                       qemu_plugin_vcpu_simple_cb_t);
void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t,
                                       qemu_plugin_vcpu_simple_cb_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_plugin_udata_cb_t,
                                    void*);

size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, size_t);
// Until version 2 it has one argument and returns the bytes' address.
const void* qemu_plugin_insn_data(const qemu_plugin_insn*, void* to,
                                  size_t size);
size_t qemu_plugin_insn_size(const qemu_plugin_insn*);
uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn*);
// Where it lies in the emulator's address space.
void* qemu_plugin_insn_haddr(const qemu_plugin_insn*);

// From version 2 on. The list is glib's GArray of descriptors.
struct qemu_plugin_register;
struct qemu_plugin_reg_descriptor {
  qemu_plugin_register* handle;
  const char* name;
  const char* feature;
};
struct GArray {
  char* data;
  unsigned len;
};
struct GByteArray {
  uint8_t* data;
  unsigned len;
};
[[gnu::weak]] GArray* qemu_plugin_get_registers();
// Appends the value; what it returns differs between versions.
[[gnu::weak]] int qemu_plugin_read_register(qemu_plugin_register*, GByteArray*);
[[gnu::weak]] GByteArray* g_byte_array_new();
[[gnu::weak]] GByteArray* g_byte_array_set_size(GByteArray*, unsigned);
[[gnu::weak]] char* g_array_free(GArray*, int free_data);

// Known by name only: which version has them is what tells the versions apart.
[[gnu::weak]] void qemu_plugin_scoreboard_new();           // 2
[[gnu::weak]] void qemu_plugin_read_memory_vaddr();        // 4
[[gnu::weak]] void qemu_plugin_write_register();           // 5
[[gnu::weak]] void qemu_plugin_register_vcpu_discon_cb();  // 6

}  // extern "C"

#endif  // PTCAP_CAPTURE_EMU_PLUGIN_QEMU_PLUGIN_API_H_
