// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// As much of an emulator as it takes to load a plugin, with the versions of
// the plugin interface that FAKE_OLDEST and FAKE_NEWEST say:
//
//   fake_emulator -plugin FILE,ARGUMENT PROGRAM

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "capture/emu/plugin/qemu_plugin_api.h"

extern "C" {
#define FAKE_FUNCTION(name) \
  [[gnu::visibility("default"), gnu::used]] void name() {}
#if FAKE_NEWEST >= 2
FAKE_FUNCTION(qemu_plugin_scoreboard_new)
#endif
#if FAKE_NEWEST >= 4
FAKE_FUNCTION(qemu_plugin_read_memory_vaddr)
#endif
#if FAKE_NEWEST >= 5
FAKE_FUNCTION(qemu_plugin_write_register)
#endif
#if FAKE_NEWEST >= 6
FAKE_FUNCTION(qemu_plugin_register_vcpu_discon_cb)
#endif
}

namespace {

using Install = int (*)(qemu_plugin_id_t, const qemu_info_t*, int, char**);

int fail(const std::string& why) {
  std::fprintf(stderr, "fake_emulator: %s\n", why.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::string(argv[1]) != "-plugin") return fail("usage");
  const std::string option = argv[2];
  const size_t comma = option.find(',');
  const std::string file = option.substr(0, comma);
  std::string argument = option.substr(comma + 1);
  void* plugin = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (plugin == nullptr) return fail(dlerror());
  const auto* version =
      static_cast<const int*>(dlsym(plugin, "qemu_plugin_version"));
  auto* install =
      reinterpret_cast<Install>(dlsym(plugin, "qemu_plugin_install"));
  if (version == nullptr || install == nullptr) return fail("no plugin");
  if (*version < FAKE_OLDEST || *version > FAKE_NEWEST) {
    return fail("plugin requires API version " + std::to_string(*version));
  }
  qemu_info_t info = {};
  info.target_name = "x86_64";
  info.version = {FAKE_OLDEST, FAKE_NEWEST};
  char* arguments[] = {argument.data()};
  return install(1, &info, 1, arguments);
}
