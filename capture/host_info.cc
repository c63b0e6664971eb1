// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/host_info.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "capture/proc_files.h"
#include "formats/perf/header_feature.h"

namespace ptcap::capture {
namespace {

// The value of the first "name<tab>: value" line.
std::string cpuinfo_field(std::string_view text, std::string_view name) {
  for (size_t at = 0; at < text.size();) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !line.starts_with(name)) continue;
    const size_t end_of_name = line.find_last_not_of(" \t", colon - 1) + 1;
    if (end_of_name != name.size()) continue;
    const size_t value = line.find_first_not_of(' ', colon + 1);
    return std::string(value == std::string_view::npos ? ""
                                                       : line.substr(value));
  }
  return {};
}

}  // namespace

void parse_cpuinfo(std::string_view text, HostInfo& host) {
  host.cpu_description = cpuinfo_field(text, "model name");
  host.cpu_id = cpuinfo_field(text, "vendor_id") + "," +
                cpuinfo_field(text, "cpu family") + "," +
                cpuinfo_field(text, "model") + "," +
                cpuinfo_field(text, "stepping");
}

HostInfo read_host_info() {
  HostInfo host;
  utsname names = {};
  ::uname(&names);
  host.hostname = names.nodename;
  host.os_release = names.release;
  host.arch = names.machine;
  host.cpus_available = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_CONF));
  host.cpus_online = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN));
  parse_cpuinfo(read_file("/proc/cpuinfo"), host);
  return host;
}

namespace {

// What fits into a record: a program may have megabytes of arguments.
std::vector<std::string> shortened(const std::vector<std::string>& arguments) {
  constexpr size_t kMaxArgument = 4 << 10;
  constexpr size_t kMaxTotal = 32 << 10;
  constexpr size_t kOverhead = 4 + 64;  // length and padding
  std::vector<std::string> kept;
  size_t total = 0;
  for (const std::string& argument : arguments) {
    kept.push_back(argument.substr(0, kMaxArgument));
    if (kept.back().size() < argument.size()) kept.back() += "...";
    total += kept.back().size() + kOverhead;
    if (total > kMaxTotal) {
      kept.emplace_back("...");
      break;
    }
  }
  return kept;
}

}  // namespace

void append_features(std::vector<uint8_t>& out, const HostInfo& host,
                     std::string_view version,
                     const std::vector<std::string>& command_line) {
  using formats::HeaderFeature;
  formats::append_string_feature(out, HeaderFeature::kHostname, host.hostname);
  formats::append_string_feature(out, HeaderFeature::kOsRelease,
                                 host.os_release);
  formats::append_string_feature(out, HeaderFeature::kVersion, version);
  formats::append_string_feature(out, HeaderFeature::kArch, host.arch);
  formats::append_cpu_counts_feature(out,
                                     {host.cpus_available, host.cpus_online});
  formats::append_string_feature(out, HeaderFeature::kCpuDesc,
                                 host.cpu_description);
  formats::append_string_feature(out, HeaderFeature::kCpuId, host.cpu_id);
  formats::append_cmdline_feature(out, shortened(command_line));
}

}  // namespace ptcap::capture
