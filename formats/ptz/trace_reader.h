// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Reads a trace, whatever its container: .ptz, perf.data as stream, file or
// directory. One interface, so that a .ptz is a perf.data and nothing is
// decoded twice.

#ifndef PTCAP_FORMATS_PTZ_TRACE_READER_H_
#define PTCAP_FORMATS_PTZ_TRACE_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/io/byte_reader.h"
#include "formats/io/reporter.h"
#include "formats/ptz/code_mapping.h"
#include "formats/ptz/index.h"
#include "formats/ptz/ledger.h"

namespace ptcap::formats {

// One contiguous run of AUX bytes of a stream, as one AUXTRACE record had it.
struct AuxPiece {
  uint64_t offset = 0;  // in the stream
  uint64_t size = 0;
  uint64_t reference = 0;
};

struct AuxStream {
  uint32_t idx = 0;
  uint32_t tid = ~0u;
  uint32_t cpu = ~0u;
  // By offset, without overlap; holes between are losses.
  std::vector<AuxPiece> pieces;
  // By offset. Empty for perf.data, which has no index.
  std::vector<PsbEntry> psbs;
};

enum class Container : uint8_t { kPtz, kPerfPipe, kPerfFile, kPerfDirectory };

// Immutable after construction but for a cache of frames (at most 64 MiB):
// may be used from several threads at once, which then share the cache. The
// reporter is never called from two threads at once.
class TraceReader {
 public:
  // Opens `path` ("-" is stdin; a pipe is spooled into an unlinked temporary
  // file). Damage is reported and read past, as far as anything is left: a
  // torn last frame, a missing index, flipped bytes (the frame's checksum
  // tells). Throws std::system_error (cannot be opened or read) or
  // FormatError (no readable record at all); both name the file.
  TraceReader(const std::string& path, Reporter& reporter);
  ~TraceReader();

  Container container() const;
  // Whether index or frames had to be found by scanning, or bytes were lost.
  // May become true later: most frames are read when they are asked for.
  bool salvaged() const;

  // Every record but AUXTRACE, in file order. The bytes (header included) are
  // valid during the call; `offset` is that of the record in the decompressed
  // stream (perf.data: in the file; of a compressed record, where that stands).
  // HEADER_TRACING_DATA comes with the data that follows it. The head of a
  // perf.data file comes first, as the records that a stream has.
  void for_each_record(
      const std::function<void(Bytes record, uint64_t offset)>& visit) const;

  // By idx, which sources give in order of first appearance.
  std::span<const AuxStream> aux_streams() const;

  // Bytes [offset, offset + out.size()) of the stream; the number read, less
  // only at a hole, at the end, or at a frame that cannot be read (reported
  // once). Decompresses no frame that it does not need.
  uint64_t read_aux(const AuxStream& stream, uint64_t offset,
                    std::span<uint8_t> out) const;

  // In file order.
  std::span<const CodeMapping> code_mappings() const;
  // The bytes of an image, or nullopt if it is not in the trace (or damaged:
  // reported).
  std::optional<std::vector<uint8_t>> image(const ImageId& id) const;
  // Its size without reading it; nullopt if it is not in the trace.
  std::optional<uint64_t> image_size(const ImageId& id) const;

  // nullopt for perf.data and for a trace that was cut short.
  std::optional<Ledger> ledger() const;

  uint64_t file_size_bytes() const;

 private:
  std::unique_ptr<class TraceSource> source_;
  Reporter& reporter_;
  uint64_t aux_size_ = 0;  // of all streams
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_TRACE_READER_H_
