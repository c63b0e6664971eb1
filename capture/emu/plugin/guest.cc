// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/guest.h"

#include <signal.h>

#include <cstring>

#include "capture/emu/plugin/registers.h"

// Where older versions of QEMU export it.
extern "C" [[gnu::weak]] uintptr_t guest_base;

namespace ptcap::capture::emu::plugin {

uint8_t handler_filter[4096];

namespace {

constexpr uint64_t kMaxSignal = 64;

struct Handler {
  uint64_t address = 0;
  uint64_t restorer = 0;
};
Handler handlers[kMaxSignal + 1];

template <typename T>
T guest_value(uint64_t address) {
  T value;
  std::memcpy(&value, guest_memory<const void>(address), sizeof(T));
  return value;
}

// Codes above 0 are the kernel's; SI_KERNEL stands for what has no address.
bool is_fault(uint64_t signal, int32_t code) {
  const bool synchronous = signal == SIGILL || signal == SIGTRAP ||
                           signal == SIGBUS || signal == SIGFPE ||
                           signal == SIGSEGV;
  return synchronous && code > 0 && code != SI_KERNEL;
}

// struct rt_sigframe of x86-64: the restorer's address, ucontext, siginfo.
// Offsets from the stack pointer at the handler's entry.
constexpr uint64_t kGregs64 = 8 + 40;  // in ucontext.uc_mcontext
enum Greg64 : unsigned {
  kGregRdi = 8,
  kGregRdx = 12,
  kGregRsp = 15,
  kGregRip = 16
};

uint64_t greg64(uint64_t rsp, Greg64 number) {
  return guest_value<uint64_t>(rsp + kGregs64 + uint64_t{8} * number);
}

bool looks_like_entry64(uint64_t ip, uint64_t signal, uint64_t rsp,
                        uint64_t rdx) {
  return signal >= 1 && signal <= kMaxSignal &&
         handlers[signal].address == ip && rdx == rsp + 8 &&
         guest_value<uint64_t>(rsp) == handlers[signal].restorer;
}

// Several signals may be delivered in one go: then what the last one
// interrupted is the first instruction of another handler, which did not run.
bool entry64(const void* state, uint64_t ip, DeliveredSignal& result) {
  const uint64_t signal = guest_register(state, kRdi);
  uint64_t rsp = guest_register(state, kRsp);
  if (!looks_like_entry64(ip, signal, rsp, guest_register(state, kRdx))) {
    return false;
  }
  const uint64_t siginfo = guest_register(state, kRsi);
  const uint64_t siginfo_offset = siginfo - rsp;  // the same in each frame
  result.is_fault = is_fault(signal, guest_value<int32_t>(siginfo + 8));
  result.interrupted_ip = greg64(rsp, kGregRip);
  for (uint64_t depth = 0; depth < kMaxSignal; ++depth) {
    const uint64_t outer = greg64(rsp, kGregRdi);
    const uint64_t outer_rsp = greg64(rsp, kGregRsp);
    if (!looks_like_entry64(greg64(rsp, kGregRip), outer, outer_rsp,
                            greg64(rsp, kGregRdx))) {
      break;
    }
    rsp = outer_rsp;
    result.interrupted_ip = greg64(rsp, kGregRip);
    result.is_fault =
        is_fault(outer, guest_value<int32_t>(rsp + siginfo_offset + 8));
  }
  return true;
}

// sigframe: return address, signal, sigcontext; rt_sigframe: return address,
// signal, two pointers to siginfo and ucontext, both in the frame.
bool is_rt_frame32(uint64_t esp) {
  const auto in_frame = [esp](uint32_t address) {
    return address > esp && address < esp + 4096;
  };
  return in_frame(guest_value<uint32_t>(esp + 8)) &&
         in_frame(guest_value<uint32_t>(esp + 12));
}

uint64_t sigcontext32(uint64_t esp) {
  constexpr uint64_t kMcontext = uint64_t{4} * 5;  // in ucontext
  if (!is_rt_frame32(esp)) return esp + 8;
  return guest_value<uint32_t>(esp + 12) + kMcontext;
}

bool entry32(const void* state, uint64_t ip, DeliveredSignal& result) {
  constexpr uint64_t kEip = uint64_t{4} * 14;  // in sigcontext
  const uint64_t esp = guest_register(state, kRsp);
  const auto signal = guest_value<uint32_t>(esp + 4);
  if (signal < 1 || signal > kMaxSignal || handlers[signal].address != ip) {
    return false;
  }
  result.interrupted_ip = guest_value<uint32_t>(sigcontext32(esp) + kEip);
  int32_t code = 1;  // the old frame does not say
  if (is_rt_frame32(esp)) {
    const auto siginfo = guest_value<uint32_t>(esp + 8);
    code = guest_value<int32_t>(uint64_t{siginfo} + 8);
  }
  result.is_fault = is_fault(signal, code);
  return true;
}

// Moves the part of a frame below `fpu_state`, which stays where it is, down to
// where the ABI wants it. Nothing in that part points into it but registers
// and arguments, which the caller changes.
bool lower_frame(uint64_t sp, uint64_t fpu_state, uint64_t distance) {
  constexpr uint64_t kMaxFrame = 4096;
  if (distance == 0 || fpu_state <= sp || fpu_state - sp > kMaxFrame) {
    return false;
  }
  std::memmove(guest_memory<void>(sp - distance), guest_memory<void>(sp),
               fpu_state - sp);
  return true;
}

void align_frame64(void* state) {
  constexpr uint64_t kFpuState = kGregs64 + uint64_t{23} * 8;
  auto* registers = static_cast<uint64_t*>(state);
  const uint64_t rsp = registers[kRsp];
  const uint64_t distance = (rsp - 8) % 16;
  if (!lower_frame(rsp, guest_value<uint64_t>(rsp + kFpuState), distance)) {
    return;
  }
  registers[kRsp] -= distance;
  registers[kRdx] -= distance;
  registers[kRsi] -= distance;
}

void align_frame32(void* state) {
  constexpr uint64_t kArguments[] = {8, 12};  // siginfo, ucontext
  auto* registers = static_cast<uint32_t*>(state);
  const uint64_t esp = registers[kRsp];
  const uint64_t distance = (esp + 4) % 16;
  const uint64_t context = sigcontext32(esp);
  const auto fpu_state = guest_value<uint32_t>(context + uint64_t{4} * 19);
  const bool has_pointers = is_rt_frame32(esp);
  if (!lower_frame(esp, fpu_state, distance)) return;
  registers[kRsp] -= static_cast<uint32_t>(distance);
  if (!has_pointers) return;
  for (const uint64_t argument : kArguments) {
    *guest_memory<uint32_t>(esp - distance + argument) -=
        static_cast<uint32_t>(distance);
  }
}

}  // namespace

void learn_guest_offset(const qemu_plugin_insn* insn) {
  const auto host = reinterpret_cast<uintptr_t>(qemu_plugin_insn_haddr(insn));
  if (host != 0) {
    process.guest_offset = host - qemu_plugin_insn_vaddr(insn);
  } else if (&guest_base != nullptr) {
    process.guest_offset = guest_base;
  }
}

void align_signal_frame(void* state) {
  if (!knows_cpu_state()) return;
  if (process.is_32bit) {
    align_frame32(state);
  } else {
    align_frame64(state);
  }
}

void note_handler(uint64_t signal, uint64_t handler, uint64_t restorer) {
  if (signal > kMaxSignal) return;
  handlers[signal] = {handler, restorer};
  if (handler > 1) handler_filter[(handler ^ handler >> 12) & 4095] = 1;
}

bool is_signal_entry(const void* state, uint64_t ip, DeliveredSignal& signal) {
  if (!can_read_registers()) return false;
  return process.is_32bit ? entry32(state, ip, signal)
                          : entry64(state, ip, signal);
}

}  // namespace ptcap::capture::emu::plugin
