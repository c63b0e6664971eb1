// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// From what a source sees to the trace file: streams, sideband records, code
// images, losses. The same for every software source.

#ifndef PTCAP_CAPTURE_RECORDER_H_
#define PTCAP_CAPTURE_RECORDER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/options.h"
#include "formats/io/byte_reader.h"
#include "formats/ptz/code_mapping.h"
#include "formats/ptz/ledger.h"
#include "formats/ptz/trace_writer.h"

namespace ptcap::capture {

// A line of /proc/PID/maps, or what a source knows instead.
struct Mapping {
  uint64_t begin = 0, end = 0;
  uint64_t offset = 0;  // in the file
  uint32_t major = 0, minor = 0;
  uint64_t inode = 0;
  bool readable = false, writable = false, executable = false, shared = false;
  std::string name;  // path, "[vdso]", "//anon" where there is none

  bool operator==(const Mapping&) const = default;
  uint64_t size() const { return end - begin; }
  bool has_file() const { return inode != 0; }
};

enum class StopReason : uint8_t {
  kNone,
  kDuration,      // --duration is over
  kMaxSize,       // --max-size is reached
  kOutputFailed,  // the trace cannot be written; said on stderr already
};

// What the software sources put into HEADER_ATTR and AUXTRACE_INFO.
struct RecorderSetup {
  SoftwarePtTerms pt;
  std::string_view source;  // "step"; for the CPU's description
};

// One recorder, one thread. No method throws because of the output: when that
// fails once, the cause is printed, stop_asked() says kOutputFailed and what
// follows is dropped. What was written stays readable.
//
// Times are perf clock ns, that is now_ns(), in whatever order.
class Recorder {
 public:
  // Takes the descriptor of the output. `options` must outlive this.
  Recorder(int fd, std::string path, const CaptureOptions& options);
  ~Recorder();

  // Writes the head of the stream: attrs, AUXTRACE_INFO, TIME_CONV, ID_INDEX,
  // features. The clock of --duration starts. Once, before all else.
  void begin(const RecorderSetup& setup);
  // The same for a source whose records come from the kernel: whole records
  // instead of those above, but for the features. Sideband records made here
  // get this id.
  void begin(formats::Bytes head, uint64_t sideband_id);
  // The clock of --duration starts here instead: after --delay, and after what
  // had to be done before.
  void start_duration();

  // CLOCK_MONOTONIC, but never the same value twice: what was recorded later
  // has a later time.
  uint64_t now_ns();

  // A stream of PT bytes for a thread; the number is AUXTRACE's idx. Writes
  // ITRACE_START.
  uint32_t add_stream(pid_t pid, pid_t tid, uint64_t time_ns);
  // The next bytes of the stream, whole packets, with their AUX record. Copied.
  void add_aux(uint32_t stream, formats::Bytes bytes, uint64_t time_ns);
  // Nothing more comes of it.
  void end_stream(uint32_t stream);

  // As the kernel made them: a whole record, and AUX bytes where they lie. The
  // AUX records are the source's business then.
  void add_record(formats::Bytes record);
  void add_aux(const formats::AuxChunk& chunk);
  // Whether the source produces more than is written: with --level auto, what
  // comes is stored without being compressed until it is not so any more.
  void set_backlog(bool backlog);
  // When it returns, all that was added is in the file (or the output has
  // failed).
  void flush();

  // Sideband records.
  void comm(pid_t pid, pid_t tid, std::string_view name, bool exec,
            uint64_t time_ns);
  void fork(pid_t pid, pid_t tid, pid_t parent_pid, pid_t parent_tid,
            uint64_t time_ns);
  void exit(pid_t pid, pid_t tid, pid_t parent_pid, pid_t parent_tid,
            uint64_t time_ns);
  // MMAP2 alone, with a build-id if `opened_path` (the file as ptcap can reach
  // it; empty for none) or, for "[vdso]", `image` has one.
  void mmap2(pid_t pid, pid_t tid, const Mapping& mapping,
             const std::string& opened_path, formats::Bytes image,
             uint64_t time_ns);

  // The same for code of the kernel, which every process has.
  void kernel_mmap2(uint64_t address, uint64_t size, std::string_view name,
                    formats::Bytes build_id, uint64_t time_ns);

  // As `pid` of code() below: the kernel's.
  static constexpr pid_t kEveryProcess = -1;
  // `bytes` stand at `address` in every thread of `pid` from `time_ns` on.
  formats::ImageId code(pid_t pid, uint64_t address, formats::Bytes bytes,
                        std::string_view name, uint64_t time_ns);
  // The same, for `size` bytes that were told before.
  void code(pid_t pid, uint64_t address, const formats::ImageId& image,
            uint64_t size, std::string_view name, uint64_t time_ns);
  // The same for one stream, from the PSB at `psb_offset` on, where the source
  // has restarted the flow (formats/ptz/code_mapping.h).
  void code_of_stream(uint32_t stream, uint64_t psb_offset, uint64_t address,
                      formats::Bytes bytes, std::string_view name,
                      uint64_t time_ns);
  // Marks a restart without a change.
  void restart_of_stream(uint32_t stream, uint64_t psb_offset,
                         uint64_t time_ns);

  void loss(const formats::Loss& loss);
  void synthetic(uint64_t bytes);

  // Often: looks at the clock and, each second, asks `flush_streams` to hand
  // over what it has (add_aux) and writes it out, so that a crash loses no
  // more.
  void tick(const std::function<void()>& flush_streams);
  StopReason stop_asked() const;

  // --switch-output: whether this file is full or old enough, and the next one
  // with the same head. Streams begin again in it, at offset 0; what exists is
  // to be told again, code included.
  bool switch_due() const;
  void switch_output();

  // Ledger, index, seek table. Once, last.
  void finish();

  // Of this trace, all its files, for --report and messages; valid after
  // finish() too.
  struct Summary {
    std::vector<std::string> files;
    formats::Ledger ledger;
    uint64_t bytes_written = 0;
    uint64_t streams = 0;
    uint64_t images = 0;
    uint64_t begin_ns = 0, end_ns = 0;
  };
  Summary summary() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_RECORDER_H_
