// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/traced_process.h"

#include "formats/io/byte_reader.h"
#include "formats/io/error.h"

namespace ptcap::capture::emu {

namespace {

using formats::ByteReader;
using formats::Bytes;

// TASK_COMM_LEN without its NUL.
constexpr size_t kMaxName = 15;

std::string text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

bool TracedProcess::read(Bytes bytes) {
  ByteReader reader(bytes);
  try {
    while (!reader.empty()) {
      const auto header = reader.value<MessageHeader>();
      if (!read_message(header.kind, reader.take(header.size))) return false;
    }
  } catch (const formats::FormatError&) {
    return false;
  }
  return true;
}

bool TracedProcess::read_message(MessageKind kind, Bytes body) {
  ByteReader reader(body);
  if (kind != MessageKind::kProcess && !code_) return false;
  switch (kind) {
    case MessageKind::kProcess: {
      if (code_) return false;
      const auto message = reader.value<ProcessMessage>();
      start(message, text(reader.rest()));
      return true;
    }
    case MessageKind::kMapping: {
      const auto message = reader.value<MappingMessage>();
      map(message, text(reader.rest()));
      return true;
    }
    case MessageKind::kCode: {
      const auto message = reader.value<CodeMessage>();
      has_run_code_ = is_executed_;
      code_->add_code(message.address, reader.rest());
      return true;
    }
    case MessageKind::kChangedCode: {
      const auto message = reader.value<CodeMessage>();
      code_->add_change(message.epoch, message.address, reader.rest());
      return true;
    }
    case MessageKind::kRestart:
      restart(reader.value<RestartMessage>());
      return true;
    case MessageKind::kComm: {
      const auto message = reader.value<CommMessage>();
      const std::string name = text(reader.rest());
      if (message.tid == static_cast<uint32_t>(pid_)) name_ = name;
      recorder_.comm(pid_, static_cast<pid_t>(message.tid), name,
                     /*exec=*/false, message.time_ns);
      return true;
    }
    case MessageKind::kNotFollowed:
      not_followed(text(reader.rest()));
      return true;
    case MessageKind::kDegraded:
      directory_.note_less_exact(text(reader.rest()));
      return true;
  }
  return false;
}

void TracedProcess::start(const ProcessMessage& message,
                          const std::string& name) {
  pid_ = static_cast<pid_t>(message.pid);
  parent_pid_ = static_cast<pid_t>(message.parent_pid);
  code_.emplace(recorder_, files_, pid_, message.time_ns);
  if (message.start == ProcessStart::kFork) {
    name_ = directory_.process_name(parent_pid_);
    recorder_.fork(pid_, pid_, parent_pid_, parent_pid_, message.time_ns);
    return;
  }
  is_executed_ = true;
  name_ = name.substr(0, kMaxName);
  recorder_.comm(pid_, pid_, name_, /*exec=*/true, message.time_ns);
}

void TracedProcess::map(const MappingMessage& message,
                        const std::string& path) {
  Mapping mapping;
  mapping.begin = message.begin;
  mapping.end = message.end;
  mapping.offset = message.offset;
  mapping.major = message.major;
  mapping.minor = message.minor;
  mapping.inode = message.inode;
  mapping.readable = message.permissions[0] == 'r';
  mapping.writable = message.permissions[1] == 'w';
  // The emulator maps the program's code without this right.
  mapping.executable = true;
  mapping.shared = message.permissions[3] == 's';
  mapping.name = path.empty() ? "//anon" : path;
  if (mapping.begin < mapping.end) {
    code_->add_mapping(mapping, message.time_ns);
  }
}

void TracedProcess::restart(const RestartMessage& message) {
  const auto stream = directory_.stream(message.slot, message.generation);
  if (!stream) return;
  code_->restart(*stream, message.psb_offset, message.known_epoch,
                 message.epoch, message.time_ns);
}

void TracedProcess::not_followed(const std::string& what) {
  formats::Loss loss;
  loss.cause = formats::LossCause::kNotFollowed;
  loss.pid = static_cast<uint32_t>(pid_);
  loss.begin_ns = recorder_.now_ns();
  loss.detail = what;
  recorder_.loss(loss);
  directory_.note("pid " + std::to_string(pid_) + " runs untraced: " + what);
}

}  // namespace ptcap::capture::emu
