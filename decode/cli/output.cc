// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "decode/cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "formats/io/create_file.h"

namespace ptcap::decode {

namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw std::system_error(error, std::generic_category(), name);
}

}  // namespace

formats::UniqueFd create_output(const std::string& path, bool force) {
  formats::CreatedFile file = formats::create_file(path, force);
  if (file.fd) return std::move(file.fd);
  const int error = errno;
  fail(error == EEXIST ? path + " (--force overwrites it)" : path, error);
}

Output::Output(const Options& options)
    : name_(options.path.empty() ? "stdout" : options.path),
      colour_(options.colour),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferSize)) {
  if (options.path.empty() || options.path == "-") return;
  owned_ = create_output(options.path, options.force);
  fd_ = owned_.get();
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
