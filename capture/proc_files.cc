// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/proc_files.h"

#include <dirent.h>
#include <fcntl.h>

#include <charconv>
#include <cstdlib>
#include <memory>

#include "formats/io/unique_fd.h"

namespace ptcap::capture {
namespace {

using formats::UniqueFd;

// Takes the text up to `delimiter` off the front of `rest`, delimiter too.
std::string_view take_word(std::string_view& rest, char delimiter) {
  const size_t end = rest.find(delimiter);
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

template <typename T>
bool parse_number(std::string_view word, int base, T& value) {
  const char* end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, value, base);
  return error == std::errc{} && rest == end;
}

std::string proc_path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// The value of "Name:\tvalue" in the text of /proc/PID/status.
std::string_view status_field(std::string_view text, std::string_view name) {
  size_t at = text.starts_with(name) ? 0 : text.find("\n" + std::string(name));
  if (at == std::string_view::npos) return {};
  at = text.find_first_not_of(" \t", text.find(':', at) + 1);
  if (at == std::string_view::npos) return {};
  return text.substr(at, text.find('\n', at) - at);
}

}  // namespace

std::string read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!fd) return text;
  char buffer[16384];
  for (ssize_t n; (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

// "7f12-7f34 r-xp 00001000 08:01 1234      /usr/lib/libc.so.6"
std::optional<Mapping> parse_maps_line(std::string_view line) {
  Mapping mapping;
  const std::string_view begin = take_word(line, '-');
  const std::string_view end = take_word(line, ' ');
  const std::string_view permissions = take_word(line, ' ');
  const std::string_view offset = take_word(line, ' ');
  const std::string_view major = take_word(line, ':');
  const std::string_view minor = take_word(line, ' ');
  const std::string_view inode = take_word(line, ' ');
  if (!parse_number(begin, 16, mapping.begin) ||
      !parse_number(end, 16, mapping.end) || permissions.size() != 4 ||
      !parse_number(offset, 16, mapping.offset) ||
      !parse_number(major, 16, mapping.major) ||
      !parse_number(minor, 16, mapping.minor) ||
      !parse_number(inode, 10, mapping.inode) || mapping.end <= mapping.begin) {
    return std::nullopt;
  }
  mapping.readable = permissions[0] == 'r';
  mapping.writable = permissions[1] == 'w';
  mapping.executable = permissions[2] == 'x';
  mapping.shared = permissions[3] == 's';
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.name = line.empty() ? "//anon" : std::string(line);
  return mapping;
}

std::vector<Mapping> read_mappings(pid_t pid) {
  const std::string text = read_file(proc_path(pid, "maps"));
  std::vector<Mapping> mappings;
  for (std::string_view rest = text; !rest.empty();) {
    if (auto mapping = parse_maps_line(take_word(rest, '\n'))) {
      mappings.push_back(std::move(*mapping));
    }
  }
  return mappings;
}

std::vector<pid_t> read_threads(pid_t pid) {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(
      ::opendir(proc_path(pid, "task").c_str()));
  std::vector<pid_t> threads;
  if (!dir) return threads;
  while (const dirent* entry = ::readdir(dir.get())) {
    const auto tid =
        static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (tid > 0) threads.push_back(tid);
  }
  return threads;
}

std::string read_comm(pid_t tid) {
  std::string name = read_file(proc_path(tid, "comm"));
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

std::optional<TaskStatus> read_status(pid_t tid) {
  const std::string text = read_file(proc_path(tid, "status"));
  TaskStatus status;
  const bool whole =
      parse_number(status_field(text, "Tgid:"), 10, status.pid) &&
      parse_number(status_field(text, "PPid:"), 10, status.parent_pid) &&
      parse_number(status_field(text, "TracerPid:"), 10, status.tracer_pid) &&
      parse_number(status_field(text, "SigPnd:"), 16, status.pending) &&
      parse_number(status_field(text, "SigIgn:"), 16, status.ignored) &&
      parse_number(status_field(text, "SigCgt:"), 16, status.caught);
  if (!whole) return std::nullopt;
  return status;
}

}  // namespace ptcap::capture
