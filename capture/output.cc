// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "capture/error.h"
#include "capture/program_file.h"
#include "formats/io/create_file.h"

namespace ptcap::capture {
namespace {

using formats::CreatedFile;
using formats::UniqueFd;

[[noreturn]] void fail_open(const std::string& path, int error) {
  std::string message = system_message("create " + path, error);
  if (error == EEXIST) message += "\n  --force overwrites it";
  throw CaptureError(message);
}

// What the trace is named after.
std::string base_name(const CaptureOptions& options) {
  const auto* program = std::get_if<RunProgram>(&options.target);
  const std::string name =
      program != nullptr ? program_name(program->argv[0]) : "";
  return name.empty() ? "ptcap" : name;
}

std::string numbered(const std::string& base, unsigned number) {
  return base + "." + std::to_string(number) + ".ptz";
}

Output open_numbered(const std::string& base) {
  std::string path = base + ".ptz";
  for (unsigned number = 1;; ++number) {
    UniqueFd fd = formats::create_new_file(path);
    if (fd) return {std::move(fd), path, true};
    if (errno != EEXIST) fail_open(path, errno);
    path = numbered(base, number);
  }
}

Output open_stdout() {
  if (::isatty(STDOUT_FILENO) != 0) {
    throw CaptureError(
        "write the trace to stdout: it is a terminal\n"
        "  use a pipe or a file: ptcap -o - ... | ptdec info -");
  }
  UniqueFd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  if (!fd) throw CaptureError(system_message("stdout", errno));
  return {std::move(fd), "stdout", false};
}

Output open_named(const std::string& path, bool force) {
  CreatedFile file = formats::create_file(path, force);
  if (!file.fd) fail_open(path, errno);
  return {std::move(file.fd), path, file.is_new};
}

}  // namespace

void Output::discard() {
  if (created) ::unlink(path.c_str());
}

Output open_output(const CaptureOptions& options) {
  if (options.output.empty()) return open_numbered(base_name(options));
  if (options.output == "-") return open_stdout();
  return open_named(options.output, options.force);
}

Output open_next_output(const CaptureOptions& options, const std::string& first,
                        unsigned& number) {
  constexpr std::string_view kSuffix = ".ptz";
  std::string base = first;
  if (base.ends_with(kSuffix)) base.resize(base.size() - kSuffix.size());
  for (;;) {
    const std::string path = numbered(base, ++number);
    UniqueFd fd = formats::create_new_file(path);
    if (fd) return {std::move(fd), path, true};
    if (errno != EEXIST) fail_open(path, errno);
    if (options.force) return open_named(path, /*force=*/true);
  }
}

}  // namespace ptcap::capture
