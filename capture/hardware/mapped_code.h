// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Puts the code that is mapped into the trace as the kernel tells of mappings.

#ifndef PTCAP_CAPTURE_HARDWARE_MAPPED_CODE_H_
#define PTCAP_CAPTURE_HARDWARE_MAPPED_CODE_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "capture/proc_files.h"
#include "capture/recorder.h"
#include "formats/io/unique_fd.h"
#include "formats/perf/record.h"

namespace ptcap::capture {

// The kernel tells of a mapping after the fact: the process may be gone, the
// file may be another one by then. What is not (or no longer) to be had is
// counted, and told at the end.
class MappedCode {
 public:
  explicit MappedCode(Recorder& recorder) : recorder_(recorder) {}

  // Code that is mapped from a file or is the vDSO's.
  void note(const formats::Mmap2Record& record, uint64_t time_ns);
  // The same for what /proc/PID/maps says.
  void note(pid_t pid, const Mapping& mapping, uint64_t time_ns);

  // Code that the process has made itself, as it stands now. It is taken to
  // have stood there since it was mapped: there is no telling when it changed.
  void read_generated(pid_t pid);

  // In another file: what was told has to be told again.
  void begin_again() { known_.clear(); }

  // Mappings whose code is not in the trace, for people; empty if none.
  std::string missing() const;

 private:
  // Which bytes: a mapping's file, and the part of it.
  using Key = std::tuple<std::string, std::string, uint64_t, uint64_t>;
  struct Piece {
    uint64_t offset = 0;  // in the mapping
    uint64_t size = 0;
    formats::ImageId image;
  };
  using Pieces = std::vector<Piece>;

  void add(pid_t pid, const Mapping& mapping, const std::string& identity,
           uint64_t time_ns);
  Pieces read_pieces(pid_t pid, const Mapping& mapping, const std::string& path,
                     uint64_t time_ns);
  Pieces read_vdso(pid_t pid, const Mapping& mapping, uint64_t time_ns);
  formats::UniqueFd open_file(pid_t pid, const Mapping& mapping,
                              const std::string& build_id) const;
  void miss(const std::string& name) { ++missing_[name]; }

  Recorder& recorder_;
  std::map<Key, Pieces> known_;
  std::map<std::string, uint64_t> missing_;
  // Generated code by process and address: when it was mapped.
  std::map<std::pair<pid_t, uint64_t>, uint64_t> generated_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_MAPPED_CODE_H_
