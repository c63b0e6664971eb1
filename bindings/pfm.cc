// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/pfm.h"

#include <dlfcn.h>

#include <mutex>

namespace ptcap::bindings {

namespace {

struct Library {
  int (*encode)(const char* name, int levels, int os, void* argument) = nullptr;
  std::mutex mutex;  // libpfm4 has state of its own

  Library() {
    // Never closed: its tables are used until the end.
    void* handle = ::dlopen("libpfm.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) return;
    auto initialize =
        reinterpret_cast<int (*)()>(::dlsym(handle, "pfm_initialize"));
    auto function = reinterpret_cast<decltype(encode)>(
        ::dlsym(handle, "pfm_get_os_event_encoding"));
    if (initialize && function && initialize() == internal::kPfmSuccess)
      encode = function;
  }
};

Library& library() {
  static Library instance;
  return instance;
}

}  // namespace

bool pfm_available() { return library().encode != nullptr; }

std::optional<EventAttr> pfm_event(const std::string& name) {
  Library& pfm = library();
  if (!pfm.encode) return std::nullopt;
  std::lock_guard lock(pfm.mutex);
  // libpfm4 clears as many bytes as attr.size says, if any.
  abi::perf_event_attr attr = {};
  attr.size = sizeof(attr);
  internal::PfmEncodeArgument argument = {};
  argument.attr = &attr;
  argument.size = sizeof(argument);
  if (pfm.encode(name.c_str(), internal::kPfmUserAndKernel,
                 internal::kPfmOsPerfEventExt,
                 &argument) != internal::kPfmSuccess)
    return std::nullopt;
  return EventAttr(name, attr);
}

}  // namespace ptcap::bindings
