// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace ptcap::decode {

namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw std::system_error(error, std::generic_category(), name);
}

}  // namespace

Output::Output(const Options& options)
    : name_(options.path.empty() ? "stdout" : options.path),
      colour_(options.colour),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferSize)) {
  if (options.path.empty() || options.path == "-") return;
  const int mode = options.force ? O_TRUNC : O_EXCL;
  fd_ = open(options.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0666);
  if (fd_ < 0 && errno == EEXIST) {
    throw std::system_error(EEXIST, std::generic_category(),
                            name_ + " (--force overwrites it)");
  }
  if (fd_ < 0) fail(name_, errno);
  owned_ = true;
}

Output::~Output() {
  if (owned_) close(fd_);
}

void Output::write(std::string_view text) {
  while (!text.empty()) {
    if (used_ == kBufferSize) flush();
    const size_t size = std::min(text.size(), kBufferSize - used_);
    put(text.substr(0, size));
    text.remove_prefix(size);
  }
}

void Output::flush() {
  size_t done = 0;
  while (done < used_) {
    const ssize_t size = ::write(fd_, &buffer_[done], used_ - done);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      used_ = 0;
      fail(name_, errno);
    }
    done += static_cast<size_t>(size);
  }
  used_ = 0;
}

std::string_view Output::style_code(Style style) {
  switch (style) {
    case Style::kDim:
      return "\033[2m";
    case Style::kGap:
      return "\033[1;31m";
    case Style::kCall:
      return "\033[32m";
    case Style::kReturn:
      return "\033[36m";
    case Style::kHead:
      return "\033[1m";
  }
  return "";
}

}  // namespace ptcap::decode
