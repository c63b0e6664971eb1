// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "bindings/tracepoint.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "bindings/error.h"
#include "bindings/number.h"

namespace ptcap::bindings {

namespace {

std::string read_or_throw(const std::string& path, Kernel& kernel) {
  if (auto text = kernel.read_file(path)) return *text;
  const int error = errno;
  std::string advice;
  if (error == EACCES)
    advice =
        "\n  root can read it; 'sudo mount -o remount,mode=755,gid=... "
        "/sys/kernel/tracing' lets a group";
  if (error == ENOENT)
    advice =
        "\n  no such tracepoint, or tracefs is not mounted: 'sudo mount "
        "-t tracefs tracefs /sys/kernel/tracing'";
  throw std::system_error(error, std::generic_category(),
                          "open(" + path + ")" + advice);
}

// "char comm[16]" into type "char[16]" and name "comm".
void split_declaration(std::string_view text, TracepointField& field) {
  text = trim(text);
  std::string_view bounds;
  if (size_t at = text.find('['); at != text.npos && text.ends_with(']')) {
    // Of __data_loc the brackets belong to the type: "__data_loc char[] name".
    bounds = text.substr(at);
    text = text.substr(0, at);
  }
  size_t at = text.find_last_of(" *");
  if (at == text.npos) at = 0;
  field.name = trim(text.substr(at ? at + 1 : 0));
  field.type = std::string(trim(text.substr(0, at + 1))) + std::string(bounds);
}

std::optional<TracepointField> parse_field(std::string_view line) {
  TracepointField field;
  bool has_declaration = false;
  while (!line.empty()) {
    std::string_view part = trim(take_until(line, ';'));
    std::string_view value = part;
    std::string_view key = take_until(value, ':');
    if (key == "field") {
      split_declaration(value, field);
      has_declaration = true;
      continue;
    }
    uint64_t number = parse_number(value).value_or(0);
    if (key == "offset") field.offset = static_cast<uint32_t>(number);
    if (key == "size") field.size = static_cast<uint32_t>(number);
    if (key == "signed") field.is_signed = number;
  }
  if (!has_declaration) return std::nullopt;
  return field;
}

std::optional<std::span<const uint8_t>> slice(std::span<const uint8_t> raw,
                                              uint64_t offset, uint64_t size) {
  if (offset > raw.size() || size > raw.size() - offset) return std::nullopt;
  return raw.subspan(offset, size);
}

template <typename Unsigned, typename Signed>
uint64_t value_of(std::span<const uint8_t> bytes, bool is_signed) {
  Unsigned value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  if (is_signed)
    return static_cast<uint64_t>(int64_t{static_cast<Signed>(value)});
  return value;
}

}  // namespace

std::optional<uint64_t> TracepointField::number(
    std::span<const uint8_t> raw) const {
  auto bytes = slice(raw, offset, size);
  if (!bytes) return std::nullopt;
  switch (size) {
    case 1:
      return value_of<uint8_t, int8_t>(*bytes, is_signed);
    case 2:
      return value_of<uint16_t, int16_t>(*bytes, is_signed);
    case 4:
      return value_of<uint32_t, int32_t>(*bytes, is_signed);
    case 8:
      return value_of<uint64_t, int64_t>(*bytes, is_signed);
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> TracepointField::text(
    std::span<const uint8_t> raw) const {
  auto bytes = slice(raw, offset, size);
  if (is_dynamic()) {
    // Low half: offset in the record; high half: length.
    auto location = number(raw);
    if (!location) return std::nullopt;
    bytes = slice(raw, *location & 0xffff, *location >> 16 & 0xffff);
  }
  if (!bytes) return std::nullopt;
  const char* text = reinterpret_cast<const char*>(bytes->data());
  return std::string_view(text, strnlen(text, bytes->size()));
}

std::vector<TracepointField> parse_tracepoint_format(std::string_view text) {
  std::vector<TracepointField> fields;
  while (!text.empty()) {
    std::string_view line = trim(take_until(text, '\n'));
    if (!line.starts_with("field:")) continue;
    if (auto field = parse_field(line)) fields.push_back(std::move(*field));
  }
  return fields;
}

Tracepoint::Tracepoint(std::string_view system, std::string_view name,
                       Kernel& kernel) {
  const std::string path = tracefs_path(kernel) + "/events/" +
                           std::string(system) + '/' + std::string(name);
  auto id = parse_number(trim(read_or_throw(path + "/id", kernel)));
  if (!id)
    throw std::system_error(EINVAL, std::generic_category(), path + "/id");
  id_ = *id;
  fields_ = parse_tracepoint_format(read_or_throw(path + "/format", kernel));
}

std::optional<Tracepoint> Tracepoint::find(std::string_view system,
                                           std::string_view name,
                                           std::error_code& ec,
                                           Kernel& kernel) {
  return or_error(ec, [&] { return Tracepoint(system, name, kernel); });
}

const TracepointField* Tracepoint::field(std::string_view name) const {
  for (const TracepointField& field : fields_)
    if (field.name == name) return &field;
  return nullptr;
}

std::vector<std::string> Tracepoint::list(std::string_view system,
                                          Kernel& kernel) {
  const std::string events = tracefs_path(kernel) + "/events";
  std::vector<std::string> found;
  for (const std::string& folder :
       kernel.list_directory(events).value_or(std::vector<std::string>())) {
    if (!system.empty() && folder != system) continue;
    std::string system_path = events + '/';
    system_path += folder;
    auto names = kernel.list_directory(system_path);
    if (!names) continue;
    system_path += '/';
    for (const std::string& name : *names) {
      if (!kernel.list_directory(system_path + name)) continue;
      found.push_back(folder);
      found.back().append(":").append(name);
    }
  }
  return found;
}

std::string tracefs_path(Kernel& kernel) {
  constexpr const char* kOwn = "/sys/kernel/tracing";
  if (kernel.list_directory(std::string(kOwn) + "/events")) return kOwn;
  constexpr const char* kInDebugfs = "/sys/kernel/debug/tracing";
  return kernel.list_directory(std::string(kInDebugfs) + "/events") ? kInDebugfs
                                                                    : kOwn;
}

}  // namespace ptcap::bindings
