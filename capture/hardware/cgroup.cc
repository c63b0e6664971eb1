// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "capture/error.h"

namespace ptcap::capture {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProcesses = "cgroup.procs";

bool has_option(const std::string& options, const std::string& option) {
  return ("," + options + ",").find("," + option + ",") != std::string::npos;
}

void add_processes(const fs::path& folder, std::vector<pid_t>& pids) {
  std::ifstream file(folder / kProcesses);
  for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
}

}  // namespace

std::string cgroup_mount(std::istream& mounts) {
  std::string unified;
  std::string line;
  while (std::getline(mounts, line)) {
    std::istringstream words(line);
    std::string device, folder, type, options;
    words >> device >> folder >> type >> options;
    if (type == "cgroup" && has_option(options, "perf_event")) return folder;
    if (type == "cgroup2" && unified.empty()) unified = folder;
  }
  return unified;
}

std::string find_cgroup(const std::string& name) {
  std::ifstream mounts("/proc/self/mounts");
  const std::string root = cgroup_mount(mounts);
  if (root.empty()) {
    throw CaptureError("--cgroup " + name +
                       ": no cgroups with perf_event are mounted\n  mount -t "
                       "cgroup2 cgroup /sys/fs/cgroup");
  }
  std::string folder = root + "/" + name;
  if (::access((folder + "/" + kProcesses).c_str(), F_OK) != 0) {
    throw CaptureError("--cgroup " + name + ": " +
                       system_message(folder, errno) +
                       "\n  /proc/PID/cgroup has the name of a process's");
  }
  return folder;
}

formats::UniqueFd open_cgroup(const std::string& folder) {
  formats::UniqueFd fd(
      ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw CaptureError(system_message("open " + folder, errno));
  return fd;
}

std::vector<pid_t> processes_of_cgroup(const std::string& folder) {
  std::vector<pid_t> pids;
  add_processes(folder, pids);
  std::error_code ec;  // cgroups come and go
  for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end;
       it.increment(ec)) {
    if (it->is_directory(ec)) add_processes(it->path(), pids);
  }
  return pids;
}

}  // namespace ptcap::capture
