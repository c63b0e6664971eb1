// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Where results go: stdout or the file of -o, through one large buffer.

#ifndef PTCAP_DECODE_CLI_OUTPUT_H_
#define PTCAP_DECODE_CLI_OUTPUT_H_

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "formats/io/unique_fd.h"

namespace ptcap::decode {

// What text says by its colour, where there are colours.
enum class Style : uint8_t { kDim, kGap, kCall, kReturn, kHead };

// Opens the file that -o names. Throws std::system_error, naming it.
formats::UniqueFd create_output(const std::string& path, bool force);

// Rows come by the hundred million, so numbers are formatted in place: no
// stream, no virtual call.
class Output {
 public:
  struct Options {
    std::string path;    // empty: stdout
    bool force = false;  // overwrite
    bool colour = false;
  };

  // Throws std::system_error, as all below, where it cannot be written.
  explicit Output(const Options& options);

  // For a row: after room(), up to kRoom bytes may be put.
  static constexpr size_t kRoom = 1024;
  void room() {
    if (used_ > kBufferSize - kRoom) [[unlikely]] {
      flush();
    }
  }

  // REQUIRES: room.
  void put(char c) { buffer_[used_++] = c; }
  void put(std::string_view text) {
    std::memcpy(&buffer_[used_], text.data(), text.size());
    used_ += text.size();
  }
  void put(Style style, std::string_view text) {
    begin(style);
    put(text);
    end_style();
  }
  // What is put in between has that style.
  void begin(Style style) {
    if (colour_) put(style_code(style));
  }
  void end_style() {
    if (colour_) put("\033[0m");
  }
  void put_hex(uint64_t value) {
    static constexpr char kDigits[] = "0123456789abcdef";
    unsigned digits =
        (67 - static_cast<unsigned>(__builtin_clzll(value | 1))) / 4;
    char* at = &buffer_[used_];
    used_ += digits;
    while (digits-- > 0) {
      at[digits] = kDigits[value & 15];
      value >>= 4;
    }
  }
  void put_dec(uint64_t value) {
    char* at = &buffer_[used_];
    used_ +=
        static_cast<size_t>(std::to_chars(at, at + kRoom / 2, value).ptr - at);
  }

  // Text of any length; no room() needed.
  void write(std::string_view text);

  void flush();  // the destructor does not

 private:
  static constexpr size_t kBufferSize = size_t{256} << 10;

  static std::string_view style_code(Style style);

  std::string name_;
  formats::UniqueFd owned_;
  int fd_ = 1;
  bool colour_ = false;
  size_t used_ = 0;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_CLI_OUTPUT_H_
