// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/registers.h"

#include <algorithm>
#include <cstring>

#include "capture/emu/plugin/process.h"
#include "capture/emu/plugin/qemu_plugin_api.h"

namespace ptcap::capture::emu::plugin {

namespace {

// In the order of GuestRegister, and the ip.
constexpr unsigned kIp = 8;
constexpr unsigned kRegisters = 9;
constexpr const char* kNames64[kRegisters] = {"rax", "rcx", "rdx", "rbx", "rsp",
                                              "rbp", "rsi", "rdi", "rip"};
constexpr const char* kNames32[kRegisters] = {"eax", "ecx", "edx", "ebx", "esp",
                                              "ebp", "esi", "edi", "eip"};

// What the plugin interface calls them.
qemu_plugin_register* handles[kRegisters];

// Whether all registers have a handle, and the first block's ip was right.
bool interface_has_registers = false;
bool cpu_state_is_known = true;

bool shall_fail(FailingCheck check) {
  return (process.arena.header().config.failing_checks & check) != 0;
}

uint64_t read_by_interface(unsigned number) {
  static thread_local GByteArray* bytes = nullptr;
  if (bytes == nullptr) bytes = g_byte_array_new();
  g_byte_array_set_size(bytes, 0);
  qemu_plugin_read_register(handles[number], bytes);
  uint64_t value = 0;
  std::memcpy(&value, bytes->data, std::min<size_t>(bytes->len, sizeof(value)));
  return value;
}

uint64_t read_from_state(const void* state, unsigned number) {
  if (process.is_32bit) return static_cast<const uint32_t*>(state)[number];
  return static_cast<const uint64_t*>(state)[number];
}

void check_interface(uint64_t ip) {
  if (!interface_has_registers) return;
  if (read_by_interface(kIp) != ip || shall_fail(kFailRegisters)) {
    interface_has_registers = false;
  }
}

}  // namespace

void find_registers() {
  if (&qemu_plugin_get_registers == nullptr || &g_byte_array_new == nullptr ||
      handles[kIp] != nullptr) {
    return;
  }
  const char* const* names = process.is_32bit ? kNames32 : kNames64;
  GArray* list = qemu_plugin_get_registers();
  const auto* entries =
      reinterpret_cast<const qemu_plugin_reg_descriptor*>(list->data);
  for (unsigned i = 0; i < list->len; ++i) {
    for (unsigned number = 0; number < kRegisters; ++number) {
      if (strcmp(entries[i].name, names[number]) == 0) {
        handles[number] = entries[i].handle;
      }
    }
  }
  g_array_free(list, 1);
  interface_has_registers = std::all_of(
      handles, handles + kRegisters,
      [](const qemu_plugin_register* handle) { return handle != nullptr; });
}

void check_registers(const void* state, uint64_t ip) {
  check_interface(ip);
  if (!cpu_state_is_known) return;
  if (guest_ip(state) == ip && !shall_fail(kFailCpuState)) return;
  cpu_state_is_known = false;
  send_text(
      MessageKind::kDegraded,
      can_read_registers()
          ? "the emulator's CPU state is not where it was expected: a "
            "program that a signal kills appears up to its last block's "
            "begin"
          : "the emulator's CPU state is not where it was expected: "
            "what a signal interrupts or ends appears up to the last block's "
            "begin, and handlers may lack an aligned stack");
}

bool can_read_registers() {
  return interface_has_registers || cpu_state_is_known;
}

uint64_t guest_register(const void* state, GuestRegister number) {
  if (interface_has_registers) return read_by_interface(number);
  return read_from_state(state, number);
}

bool knows_cpu_state() { return cpu_state_is_known; }

// Behind 8 or 16 general registers.
uint64_t guest_ip(const void* state) {
  return read_from_state(state, process.is_32bit ? 8 : 16);
}

}  // namespace ptcap::capture::emu::plugin
