// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Tracepoints as tracefs describes them: the id to open, and how the raw data
// of a sample is to be read.

#ifndef PTCAP_BINDINGS_TRACEPOINT_H_
#define PTCAP_BINDINGS_TRACEPOINT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "bindings/kernel.h"

namespace ptcap::bindings {

struct TracepointField {
  std::string type;  // as in C, with array bounds: "char[16]"
  std::string name;
  uint32_t offset = 0;
  uint32_t size = 0;
  bool is_signed = false;

  // "__data_loc char[] name": the field holds offset and size of the data.
  bool is_dynamic() const { return type.starts_with("__data_loc"); }
  bool is_array() const { return type.find('[') != type.npos; }

  // Values from the raw data of a sample (formats::Sample::raw). nullopt where
  // the data is too short, or the field is not 1, 2, 4 or 8 bytes.
  std::optional<uint64_t> number(std::span<const uint8_t> raw) const;
  // Of char arrays, fixed and dynamic, up to the NUL; valid as long as `raw`.
  std::optional<std::string_view> text(std::span<const uint8_t> raw) const;
};

// What events/SYSTEM/NAME of tracefs says. Reading needs root on most systems.
class Tracepoint {
 public:
  // Throws std::system_error naming the file where it cannot be read.
  Tracepoint(std::string_view system, std::string_view name,
             Kernel& kernel = Kernel::real());

  static std::optional<Tracepoint> find(std::string_view system,
                                        std::string_view name,
                                        std::error_code& ec,
                                        Kernel& kernel = Kernel::real());

  // "sched:sched_switch" for those that match; "" lists all.
  static std::vector<std::string> list(std::string_view system = "",
                                       Kernel& kernel = Kernel::real());

  uint64_t id() const { return id_; }
  // Common fields (common_pid) first.
  std::span<const TracepointField> fields() const { return fields_; }
  const TracepointField* field(std::string_view name) const;

 private:
  uint64_t id_ = 0;
  std::vector<TracepointField> fields_;
};

// The lines "field:TYPE NAME; offset:N; size:N; signed:N;" of a format file.
// Lines that are not understood are skipped.
std::vector<TracepointField> parse_tracepoint_format(std::string_view text);

// Where tracefs is mounted: /sys/kernel/tracing, or under debugfs.
std::string tracefs_path(Kernel& kernel = Kernel::real());

}  // namespace ptcap::bindings

#endif  // PTCAP_BINDINGS_TRACEPOINT_H_
