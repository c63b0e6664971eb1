// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/control_fifo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

// Opened for both directions, a FIFO neither blocks here nor ends when the
// other side closes it.
formats::UniqueFd open_fifo(const std::string& path) {
  formats::UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  struct stat status = {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    throw CaptureError(system_message("--control: open " + path, errno) +
                       "\n  'mkfifo " + path + "' makes one");
  }
  if (!S_ISFIFO(status.st_mode)) {
    throw CaptureError("--control: " + path + " is no FIFO");
  }
  return fd;
}

}  // namespace

ControlFifo::ControlFifo(const std::string& text) {
  constexpr std::string_view kPrefix = "fifo:";
  const size_t comma = text.find(',');
  const std::string control =
      text.starts_with(kPrefix)
          ? text.substr(kPrefix.size(), comma == std::string::npos
                                            ? std::string::npos
                                            : comma - kPrefix.size())
          : std::string();
  if (control.empty()) {
    throw UsageError("--control " + text + ": expected fifo:CTL[,ACK]");
  }
  control_ = open_fifo(control);
  if (comma != std::string::npos) answers_ = open_fifo(text.substr(comma + 1));
}

std::optional<std::string> ControlFifo::take_line() {
  char bytes[256];
  for (ssize_t n; (n = ::read(control_.get(), bytes, sizeof bytes)) > 0;) {
    buffer_.append(bytes, static_cast<size_t>(n));
  }
  const size_t end = buffer_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

void ControlFifo::answer(const std::string& line) {
  if (!answers_) return;
  const std::string text = line + "\n";
  [[maybe_unused]] const ssize_t written =
      ::write(answers_.get(), text.data(), text.size());
}

}  // namespace ptcap::capture
