// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A forked child on its way to become the program: what the sources that run
// it natively have in common.

#ifndef PTCAP_CAPTURE_CHILD_H_
#define PTCAP_CAPTURE_CHILD_H_

#include <string>
#include <vector>

#include "capture/interrupts.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {

struct Pipe {
  formats::UniqueFd read, write;
};

// Both ends are closed by exec. Throws CaptureError.
Pipe make_pipe();

// In the child: becomes the program. What forbids it goes to `failure` as an
// int, errno.
[[noreturn]] void become_program(const std::string& path,
                                 const std::vector<std::string>& argv,
                                 bool stdout_to_stderr,
                                 const InterruptGuard& interrupts,
                                 const formats::UniqueFd& failure);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_CHILD_H_
