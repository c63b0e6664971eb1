// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Reads all that a trace offers, from bytes in memory.

#ifndef PTCAP_TESTS_FUZZ_TRACE_VISIT_H_
#define PTCAP_TESTS_FUZZ_TRACE_VISIT_H_

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "formats/io/byte_writer.h"
#include "formats/io/error.h"
#include "formats/io/unique_fd.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::formats::testing {

class Silent : public Reporter {
 public:
  void warn(const std::string&) override {}
};

// A file that is only memory.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes) : fd_(memfd_create("trace", MFD_CLOEXEC)) {
    if (write(fd_.get(), bytes.data(), bytes.size()) !=
        static_cast<ssize_t>(bytes.size())) {
      abort();
    }
  }
  std::string path() const {
    return "/proc/self/fd/" + std::to_string(fd_.get());
  }

 private:
  UniqueFd fd_;
};

// Bounded: a piece may claim to be large, and then reads in steps.
inline void visit_aux(const TraceReader& reader, const AuxStream& stream) {
  constexpr uint64_t kStep = 1 << 16;
  constexpr int kMaxSteps = 64;
  Buffer out(kStep);
  for (const AuxPiece& piece : stream.pieces) {
    uint64_t at = piece.offset;
    for (int i = 0; i < kMaxSteps && at < piece.offset + piece.size; ++i) {
      const uint64_t got = reader.read_aux(stream, at, out);
      if (got == 0) break;
      if (got > out.size()) abort();
      at += got;
    }
  }
}

inline void visit_trace(Bytes bytes) {
  constexpr uint64_t kMaxImage = 16 << 20;
  const MemoryFile file(bytes);
  Silent silent;
  try {
    const TraceReader reader(file.path(), silent);
    uint64_t sum = 0;
    reader.for_each_record([&](Bytes record, uint64_t offset) {
      sum += offset + record[record.size() - 1];
    });
    for (const AuxStream& stream : reader.aux_streams()) {
      visit_aux(reader, stream);
    }
    size_t images = 0;
    for (const CodeMapping& mapping : reader.code_mappings()) {
      if (++images > 16) break;
      const auto size = reader.image_size(mapping.image);
      if (size && *size <= kMaxImage) reader.image(mapping.image);
    }
    if (const auto ledger = reader.ledger()) sum += ledger->losses.size();
  } catch (const FormatError&) {
  }
}

}  // namespace ptcap::formats::testing

#endif  // PTCAP_TESTS_FUZZ_TRACE_VISIT_H_
