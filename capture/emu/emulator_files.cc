// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/emu/emulator_files.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "capture/emu/emulator_probe.h"
#include "capture/emu/messages.h"

namespace ptcap::capture::emu {

namespace {

constexpr const char* kPluginName = "ptcap_emu.so";
constexpr const char* kAdvice =
    "\n  it takes versions 1 to 6 of QEMU's plugin interface; Debian 12's "
    "package "
    "qemu-user has 1";

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

std::string refusal(const std::string& emulator, const std::string& plugin,
                    const std::string& complaint) {
  if (complaint.find("unknown option") != std::string::npos) {
    return emulator +
           " has no plugin interface\n"
           "  Debian 12's package qemu-user has it, Debian 13's has not; a "
           "QEMU "
           "configured with --enable-plugins may come first in PATH";
  }
  return emulator + " does not load " + plugin + ": " + complaint + kAdvice;
}

}  // namespace

EmulatorFiles find_emulator_files() {
  return {in_path("qemu-x86_64"), in_path("qemu-i386"), find_plugin()};
}

EmulatorCheck check_emulator(const EmulatorFiles& files, EmulatedMode mode) {
  const bool is_64bit = mode == EmulatedMode::k64Bit;
  const std::string& emulator =
      is_64bit ? files.emulator_64 : files.emulator_32;
  if (emulator.empty()) {
    return {std::string(is_64bit ? "qemu-x86_64" : "qemu-i386") +
            " is not installed\n"
            "  on Debian 12 and Ubuntu: apt-get install qemu-user"};
  }
  if (files.plugin.empty()) {
    return {std::string(kPluginName) +
            " is missing\n  it belongs beside ptcap or into PREFIX/lib/ptcap; "
            "PTCAP_EMU_PLUGIN=FILE names another place"};
  }
  const EmulatorAnswer answer = ask_emulator(emulator, files.plugin);
  if (answer.interface == 0) {
    return {refusal(emulator, files.plugin, answer.complaint)};
  }
  if (answer.interface > kNewestInterface) {
    return {emulator + " has version " + std::to_string(answer.interface) +
            " of QEMU's plugin interface; " + kPluginName + " knows up to " +
            std::to_string(kNewestInterface) + kAdvice};
  }
  return {"", answer.interface};
}

}  // namespace ptcap::capture::emu
