// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a trace says about the machine it comes from: the HEADER_FEATURE
// records of perf.data.

#ifndef PTCAP_CAPTURE_HOST_INFO_H_
#define PTCAP_CAPTURE_HOST_INFO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptcap::capture {

struct HostInfo {
  std::string hostname, os_release, arch;
  std::string cpu_description;  // "AMD EPYC ..."
  std::string cpu_id;           // "AuthenticAMD,23,49,0": perf's form
  unsigned cpus_available = 0, cpus_online = 0;
};

HostInfo read_host_info();

// Of the text of /proc/cpuinfo.
void parse_cpuinfo(std::string_view text, HostInfo& host);

// Appends the records: hostname, osrelease, version, arch, nrcpus, cpudesc,
// cpuid, cmdline.
void append_features(std::vector<uint8_t>& out, const HostInfo& host,
                     std::string_view version,
                     const std::vector<std::string>& command_line);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HOST_INFO_H_
