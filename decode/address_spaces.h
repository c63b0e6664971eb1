// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What stood where in each process, over time: code bytes for the flow
// engines, modules for names.

#ifndef PTCAP_DECODE_ADDRESS_SPACES_H_
#define PTCAP_DECODE_ADDRESS_SPACES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decode/image_store.h"
#include "decode/module_files.h"
#include "decode/stream.h"
#include "decode/symbols/jit_dump.h"
#include "decode/trace_facts.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::decode {

// A mapping of a file, or other executable memory, from `time_ns` on.
struct Module {
  uint64_t time_ns = 0;
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t file_offset = 0;
  std::vector<uint8_t> build_id;
  std::string name;
  std::string function;  // of JIT code: what all of it is; else empty
};

// The kernel's half of all address spaces. Its code is in the mappings that
// name no process (pid ~0u), and outlives every exec.
inline constexpr uint64_t kKernelBegin = uint64_t{1} << 63;

// The modules of one process as time goes on, and the kernel's. Borrows from
// AddressSpaces.
class ModuleMap {
 public:
  // The module at `ip`, or nullptr. Valid as long as the AddressSpaces.
  const Module* find(uint64_t ip) const;

  // Where around `ip` that module is not covered by another one.
  // REQUIRES: find(ip) gave one.
  std::pair<uint64_t, uint64_t> part(uint64_t ip) const;

  // Goes on to that time (0: to the end); true if modules changed. There is no
  // way back.
  bool advance(uint64_t time_ns);

 private:
  friend class AddressSpaces;
  struct Change {
    uint64_t time_ns = 0;
    bool exec = false;  // all before is gone
    const Module* module = nullptr;
  };

  void add(const Module& module);
  void add_change_of(const Module& module) {
    changes_.push_back({module.time_ns, false, &module});
  }

  std::vector<Change> changes_;
  size_t next_ = 0;
  // By begin; the parts of a module that are not covered by later ones.
  struct Part {
    uint64_t end = 0;
    const Module* module = nullptr;
  };
  std::map<uint64_t, Part> parts_;
};

// Borrows everything. Images are read when a process is first asked for.
class AddressSpaces {
 public:
  AddressSpaces(const formats::TraceReader& reader, const TraceFacts& facts,
                ImageStore& store, ModuleFiles& files, std::string image_folder,
                formats::Reporter& reporter);

  // From the trace, or from the folder that ptcap --images store= filled.
  std::optional<std::vector<uint8_t>> read_image(
      const formats::ImageId& id) const;

  // The code of the stream `idx` of a thread of `pid` (~0u: unknown, which has
  // the mappings that name no process), the kernel's included.
  StreamCode code(uint32_t pid, uint32_t idx);

  ModuleMap modules(uint32_t pid) const;

 private:
  struct TimedRange {
    uint64_t time_ns = 0;
    CodeRange range;
  };
  struct Poke {
    uint64_t time_ns = 0;
    CodeRange before, after;
  };
  struct Process {
    std::shared_ptr<const CodeView> first;
    StreamCode::Changes changes;
  };

  void read_text_pokes();
  void add_jit_dumps();
  void add_jit_code(JitDump dump, const std::string& path);
  uint64_t mapped_at(uint32_t pid, const JitCode& code, uint64_t time_ns) const;
  const Process& process(uint32_t pid);
  Process make_process(uint32_t pid);
  std::vector<TimedRange> ranges_of(uint32_t pid, uint64_t until_ns,
                                    bool with_streams, unsigned depth);
  void add_recorded(uint32_t pid, uint64_t until_ns, bool with_streams,
                    std::vector<TimedRange>& ranges);
  void add_kernel(std::vector<TimedRange>& ranges);
  void add_text_pokes(std::vector<TimedRange>& ranges) const;
  void add_from_dumps(uint32_t pid, uint64_t until_ns,
                      std::vector<TimedRange>& ranges) const;
  void add_from_files(uint32_t pid, uint64_t until_ns,
                      std::vector<TimedRange>& ranges);
  std::span<const uint8_t> image(const formats::ImageId& id);
  CodeRange range_of(const formats::CodeMapping& mapping);
  const ProcessEvent* fork_of(uint32_t pid) const;

  const formats::TraceReader& reader_;
  const TraceFacts& facts_;
  ImageStore& store_;
  ModuleFiles& files_;
  std::string image_folder_;
  formats::Reporter& reporter_;
  std::map<formats::ImageId, std::span<const uint8_t>> images_;
  std::map<uint32_t, Process> processes_;
  // By pid, by time; those of the kernel by ~0u.
  std::map<uint32_t, std::vector<Module>> modules_;
  std::map<uint32_t, std::vector<TimedRange>> jit_code_;  // by pid, by time
  std::vector<Poke> pokes_;                               // by time
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_ADDRESS_SPACES_H_
