// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Small BPF programs for the tests on the real kernel.

#ifndef PTCAP_TESTS_BINDINGS_LINUX_BPF_H_
#define PTCAP_TESTS_BINDINGS_LINUX_BPF_H_

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

namespace ptcap::bindings {

// `r0 = value; exit`, loaded. Says by ok() whether this kernel let it, with
// errno where not.
class BpfProgram {
 public:
  BpfProgram(bpf_prog_type type, int value) {
    const bpf_insn program[] = {
        {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value},
        {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    bpf_attr attr = {};
    attr.prog_type = type;
    attr.insns = reinterpret_cast<uintptr_t>(program);
    attr.insn_cnt = 2;
    attr.license = reinterpret_cast<uintptr_t>("GPL");
    std::strcpy(attr.prog_name, kName);
    fd_ = call(BPF_PROG_LOAD, attr);
  }
  BpfProgram(const BpfProgram&) = delete;
  ~BpfProgram() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  std::optional<bpf_prog_info> info() const {
    bpf_prog_info info = {};
    bpf_attr attr = {};
    attr.info.bpf_fd = static_cast<uint32_t>(fd_);
    attr.info.info_len = sizeof(info);
    attr.info.info = reinterpret_cast<uintptr_t>(&info);
    if (call(BPF_OBJ_GET_INFO_BY_FD, attr) < 0) return std::nullopt;
    return info;
  }

  static constexpr const char* kName = "ptcap_test";

 private:
  static int call(bpf_cmd command, bpf_attr& attr) {
    return static_cast<int>(::syscall(__NR_bpf, command, &attr, sizeof(attr)));
  }
  int fd_;
};

#define LOAD_BPF_OR_SKIP(program, ...) \
  BpfProgram program(__VA_ARGS__);     \
  if (!program.ok()) GTEST_SKIP() << "bpf(): " << std::strerror(errno)

}  // namespace ptcap::bindings

#endif  // PTCAP_TESTS_BINDINGS_LINUX_BPF_H_
