// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/program_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "capture/error.h"
#include "formats/io/unique_fd.h"

namespace ptcap::capture {
namespace {

using formats::UniqueFd;

int executable_error(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  // As the kernel: by the effective ids, unlike access().
  if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) return errno;
  return 0;
}

bool is_missing(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR;
}

// The ELF machine of the file; nullopt-like 0 (EM_NONE) if it is no ELF file.
struct FileFormat {
  bool elf = false;
  uint16_t machine = EM_NONE;
};

FileFormat format_of(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Elf32_Ehdr header = {};  // its front is the same in both classes
  FileFormat format;
  const ssize_t n = ::read(file.get(), &header, sizeof header);
  format.elf =
      n >= SELFMAG && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0;
  if (n == sizeof header) format.machine = header.e_machine;
  return format;
}

bool is_x86(uint16_t machine) {
  return machine == EM_386 || machine == EM_X86_64;
}

std::vector<char*> as_argv(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  return argv;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    const int error = executable_error(name);
    if (error != 0) fail_execution(name, error);
    return name;
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  int error = ENOENT;
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = (folder.empty() ? "." : folder) + "/" + name;
    const int this_error = executable_error(file);
    if (this_error == 0) return file;
    if (!is_missing(this_error)) error = this_error;
  }
  fail_execution(name, error);
}

int execute(const std::string& path, const std::vector<std::string>& argv) {
  ::execve(path.c_str(), as_argv(argv).data(), environ);
  if (errno != ENOEXEC || format_of(path).elf) return errno;
  std::vector<std::string> shell = {"sh", path};
  shell.insert(shell.end(), argv.begin() + 1, argv.end());
  ::execve("/bin/sh", as_argv(shell).data(), environ);
  return errno;
}

void fail_execution(const std::string& path, int error_number) {
  const std::string message = system_message("run " + path, error_number);
  if (is_missing(error_number)) throw CaptureError(message, kExitNotFound);
  const FileFormat format = format_of(path);
  if (error_number == ENOEXEC && format.elf && !is_x86(format.machine)) {
    throw CaptureError(message + "\n  it is an ELF file for machine " +
                           std::to_string(format.machine) +
                           ", not for x86: ptcap traces x86 programs only",
                       kExitNotExecutable);
  }
  throw CaptureError(message, kExitNotExecutable);
}

std::string program_name(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace ptcap::capture
