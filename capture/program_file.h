// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Finds the program to run, as a shell would, and says why it cannot be run.

#ifndef PTCAP_CAPTURE_PROGRAM_FILE_H_
#define PTCAP_CAPTURE_PROGRAM_FILE_H_

#include <string>
#include <vector>

namespace ptcap::capture {

// The path for execve(): `name` itself if it has a slash, else the first
// executable file in PATH. Throws CaptureError: 127 if there is none, 126 if
// what is there is not executable.
std::string find_program(const std::string& name);

// Replaces the calling process. Files without a format that the kernel knows
// are shell scripts, as for every program that runs others. Returns errno.
int execute(const std::string& path, const std::vector<std::string>& argv);

// Why execute() failed, with its exit status.
[[noreturn]] void fail_execution(const std::string& path, int error_number);

// The file name without folders: what traces are named after.
std::string program_name(const std::string& path);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_PROGRAM_FILE_H_
