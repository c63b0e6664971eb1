// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What the plugin tells ptcap beside its PT streams. From a traced process,
// through its process slot: who it is, where files are mapped, what code it
// translated.
//
// A message is a MessageHeader, the struct that belongs to its kind, and
// `size` minus that struct's bytes of text or code. None crosses the end of a
// chunk. ptcap checks every size.

#ifndef PTCAP_CAPTURE_EMU_MESSAGES_H_
#define PTCAP_CAPTURE_EMU_MESSAGES_H_

#include <cstdint>

namespace ptcap::capture::emu {

// What the plugin writes to stdout when it is loaded with `probe=on`, before
// the version of the plugin interface that the emulator has.
inline constexpr char kProbeAnswer[] = "ptcap_emu: interface ";

// The newest version that the plugin knows (plugin/qemu_plugin_api.h).
inline constexpr int kNewestInterface = 6;

enum class MessageKind : uint32_t {
  kProcess = 1,  // first of a process slot; text: the program's name (comm)
  kMapping,      // text: the path
  kCode,         // the code as it was when it was first seen
  kChangedCode,  // code that differs from what was there
  kRestart,
  kComm,         // text: the thread's new name
  kNotFollowed,  // text: the program that runs untraced, and why
  kDegraded,     // text: what is less exact in this process
};

struct MessageHeader {
  MessageKind kind = MessageKind::kProcess;
  uint32_t size = 0;  // of what follows
};

enum class ProcessStart : uint32_t { kExec = 0, kFork };

struct ProcessMessage {
  ProcessStart start = ProcessStart::kExec;
  uint32_t pid = 0;
  uint32_t parent_pid = 0;
  uint32_t is_32bit = 0;
  uint64_t time_ns = 0;
};

struct MappingMessage {
  uint64_t begin = 0, end = 0;
  uint64_t offset = 0;
  uint32_t major = 0, minor = 0;
  uint64_t inode = 0;
  uint64_t time_ns = 0;
  char permissions[8] = {};  // as in /proc/PID/maps
};

struct CodeMessage {
  uint64_t address = 0;
  // Of kChangedCode: the number of the change, counted from 1 in a process.
  uint32_t epoch = 0;
  uint32_t reserved = 0;
};

// A thread's stream was closed and opened again at `psb_offset`, because it is
// about to run code that changed: what changed after `known_epoch`, up to
// `epoch`, holds for it from there on.
struct RestartMessage {
  uint32_t slot = 0;
  uint32_t generation = 0;
  uint32_t known_epoch = 0;
  uint32_t epoch = 0;
  uint64_t psb_offset = 0;
  uint64_t time_ns = 0;
};

struct CommMessage {
  uint32_t tid = 0;
  uint32_t reserved = 0;
  uint64_t time_ns = 0;
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_MESSAGES_H_
