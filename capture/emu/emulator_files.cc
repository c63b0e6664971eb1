// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emulator_files.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

namespace ptcap::capture::emu {

namespace {

constexpr const char* kPluginName = "ptcap_emu.so";

std::string in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  std::string folder;
  while (std::getline(folders, folder, ':')) {
    std::string file = folder;
    file += '/';
    file += name;
    if (folder.starts_with('/') && access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string find_plugin() {
  if (const char* named = std::getenv("PTCAP_EMU_PLUGIN")) return named;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto folder = self.parent_path();
  for (const auto& candidate :
       {folder / kPluginName, folder / "emu" / kPluginName,
        folder / ".." / "lib" / "ptcap" / kPluginName}) {
    std::string file = candidate.lexically_normal().string();
    if (access(file.c_str(), R_OK) == 0) return file;
  }
  return {};
}

// QEMU exports the functions that its plugins call, if it was built for them.
bool has_plugin_interface(const std::string& emulator) {
  std::ifstream file(emulator, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::string_view kFunction = "qemu_plugin_register_vcpu_syscall_cb";
  return bytes.find(kFunction) != std::string::npos;
}

}  // namespace

EmulatorFiles find_emulator_files() {
  return {in_path("qemu-x86_64"), in_path("qemu-i386"), find_plugin()};
}

std::string emulator_problem(const EmulatorFiles& files) {
  if (files.emulator_64.empty()) {
    return "qemu-x86_64 is not installed\n"
           "  on Debian and Ubuntu: apt-get install qemu-user";
  }
  if (!has_plugin_interface(files.emulator_64)) {
    return files.emulator_64 +
           " was built without plugins\n"
           "  Debian's package qemu-user has them";
  }
  if (files.plugin.empty()) {
    return std::string(kPluginName) +
           " is missing\n  it belongs beside ptcap or into PREFIX/lib/ptcap; "
           "PTCAP_EMU_PLUGIN=FILE names another place";
  }
  return {};
}

}  // namespace ptcap::capture::emu
