// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/plugin/syscalls.h"

#include <sys/prctl.h>

#include <cstring>

#include "capture/emu/plugin/code_log.h"
#include "capture/emu/plugin/exec.h"
#include "capture/emu/plugin/flow.h"
#include "capture/emu/plugin/guest.h"

namespace ptcap::capture::emu::plugin {

namespace {

enum class Call : uint8_t {
  kOther,
  kMmap,
  kRemap,
  kUnmap,
  kSetHandler,
  kPrctl,
  kExec,
  kExecAt,
  kExitThread,
  kExitProcess,
};

// arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl
Call call_64(int64_t number) {
  switch (number) {
    case 9:
    case 30:  // shmat
      return Call::kMmap;
    case 11:
      return Call::kUnmap;
    case 25:
      return Call::kRemap;
    case 13:
      return Call::kSetHandler;
    case 157:
      return Call::kPrctl;
    case 59:
      return Call::kExec;
    case 322:
      return Call::kExecAt;
    case 60:
      return Call::kExitThread;
    case 231:
      return Call::kExitProcess;
    default:
      return Call::kOther;
  }
}

Call call_32(int64_t number) {
  switch (number) {
    case 90:   // old mmap
    case 192:  // mmap2
    case 397:  // shmat
      return Call::kMmap;
    case 91:
      return Call::kUnmap;
    case 163:
      return Call::kRemap;
    case 67:   // sigaction
    case 174:  // rt_sigaction
      return Call::kSetHandler;
    case 172:
      return Call::kPrctl;
    case 11:
      return Call::kExec;
    case 358:
      return Call::kExecAt;
    case 1:
      return Call::kExitThread;
    case 252:
      return Call::kExitProcess;
    default:
      return Call::kOther;
  }
}

Call call_of(int64_t number) {
  return process.is_32bit ? call_32(number) : call_64(number);
}

// struct kernel_sigaction: handler, flags, restorer, mask; the two structs of
// i386 begin with the handler.
void note_sigaction(uint64_t signal, uint64_t action) {
  if (action == 0) return;
  if (process.is_32bit) {
    uint32_t handler;
    std::memcpy(&handler, guest_memory<const void>(action), 4);
    return note_handler(signal, handler, 0);
  }
  uint64_t fields[3];
  std::memcpy(fields, guest_memory<const void>(action), sizeof(fields));
  note_handler(signal, fields[0], fields[2]);
}

void tell_name(uint64_t address) {
  CommMessage message;
  message.tid = current_tid();
  message.time_ns = now_ns();
  const char* name = guest_memory<const char>(address);
  send(MessageKind::kComm, message, name,
       static_cast<uint32_t>(strnlen(name, 15)));
}

// The arguments of the thread's current call, for after_syscall().
thread_local uint64_t call_arguments[2];

}  // namespace

void before_syscall(int64_t number, const uint64_t (&arguments)[6]) {
  Slot* slot = current_thread();
  if (slot == nullptr) return;
  enter_syscall(*slot);
  call_arguments[0] = arguments[0];
  call_arguments[1] = arguments[1];
  switch (call_of(number)) {
    case Call::kSetHandler:
      return note_sigaction(arguments[0], arguments[1]);
    case Call::kPrctl:
      if (arguments[0] == PR_SET_NAME) tell_name(arguments[1]);
      return;
    case Call::kExec:
      return follow_execve(arguments[0], arguments[1], arguments[2]);
    case Call::kExecAt:
      return follow_execveat(static_cast<int>(arguments[0]), arguments[1],
                             arguments[2], arguments[3],
                             static_cast<int>(arguments[4]));
    case Call::kExitThread:
    case Call::kExitProcess:
      return close_thread(*slot);
    case Call::kMmap:
    case Call::kRemap:
    case Call::kUnmap:
    case Call::kOther:
      return;
  }
}

void after_syscall(int64_t number, int64_t result) {
  if (result < 0 && result >= -4095) return;
  const auto address = static_cast<uint64_t>(result);
  switch (call_of(number)) {
    case Call::kMmap:
      return note_mapping_change(address, call_arguments[1]);
    case Call::kUnmap:
    case Call::kRemap:
      return note_mapping_change(call_arguments[0], call_arguments[1]);
    case Call::kSetHandler:
    case Call::kPrctl:
    case Call::kExec:
    case Call::kExecAt:
    case Call::kExitThread:
    case Call::kExitProcess:
    case Call::kOther:
      return;
  }
}

}  // namespace ptcap::capture::emu::plugin
