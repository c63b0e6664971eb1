// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The code of one traced process as it goes into the trace: what the plugin
// saw translated, completed from the files that are mapped there.
//
// A file's mapping goes in whole at its first sight (the same image for every
// process that maps it). Bytes that were executed and are not as in the file,
// or have none, follow in pieces. All of that holds from the process's start
// on; what changed later holds for each thread from where its stream restarts.

#ifndef PTCAP_CAPTURE_EMU_CODE_IMAGES_H_
#define PTCAP_CAPTURE_EMU_CODE_IMAGES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "capture/recorder.h"

namespace ptcap::capture::emu {

// The bytes of executable mappings, read once for all processes.
class MappedFiles {
 public:
  using Content = std::shared_ptr<const std::vector<uint8_t>>;

  // The part of the file that `mapping` shows, or null if it cannot be read,
  // is another file by now, or is larger than is useful.
  Content content(pid_t pid, const Mapping& mapping);

 private:
  std::map<std::string, Content> contents_;
};

class CodeImages {
 public:
  CodeImages(Recorder& recorder, MappedFiles& files, pid_t pid,
             uint64_t start_ns)
      : recorder_(recorder), files_(files), pid_(pid), start_ns_(start_ns) {}

  void add_mapping(const Mapping& mapping, uint64_t time_ns);
  void add_code(uint64_t address, formats::Bytes bytes);
  void add_change(uint32_t epoch, uint64_t address, formats::Bytes bytes);

  // `stream` restarted at `psb_offset` for the changes after `known_epoch`, up
  // to `epoch`.
  void restart(uint32_t stream, uint64_t psb_offset, uint32_t known_epoch,
               uint32_t epoch, uint64_t time_ns);

  // Hands what is new to the recorder.
  void flush();

 private:
  static constexpr uint64_t kPageSize = 4096;
  struct Page {
    uint8_t bytes[kPageSize] = {};
    // Per byte: seen by the plugin, and not yet in the trace.
    std::vector<bool> known = std::vector<bool>(kPageSize);
    std::vector<bool> pending = std::vector<bool>(kPageSize);
    bool is_dirty = false;
  };
  struct MappedImage {
    Mapping mapping;
    MappedFiles::Content content;  // null: nothing of it is in the trace
  };
  struct Change {
    uint32_t epoch = 0;
    uint64_t address = 0;
    std::vector<uint8_t> bytes;
  };

  bool overlaps_image(const Mapping& mapping) const;
  bool is_in_image(uint64_t address, uint8_t byte) const;
  const std::string& name_of(uint64_t address) const;
  void flush_page(uint64_t number, Page& page);

  Recorder& recorder_;
  MappedFiles& files_;
  pid_t pid_;
  uint64_t start_ns_;
  std::vector<MappedImage> images_;
  std::map<uint64_t, Page> pages_;  // by page number
  std::vector<uint64_t> dirty_;
  std::vector<Change> changes_;  // by epoch
};

}  // namespace ptcap::capture::emu

#endif  // PTCAP_CAPTURE_EMU_CODE_IMAGES_H_
