// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A trace, open for decoding: its streams, and what each engine needs.

#ifndef PTCAP_DECODE_TRACE_H_
#define PTCAP_DECODE_TRACE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/address_spaces.h"
#include "decode/flow.h"
#include "decode/image_store.h"
#include "decode/libipt/decoder.h"
#include "decode/libipt/section_cache.h"
#include "decode/module_files.h"
#include "decode/stream.h"
#include "decode/trace_facts.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::decode {

struct TraceOptions {
  std::string sysroot;
};

// One AUX stream, and whose it is.
struct TraceStream {
  const formats::AuxStream* aux = nullptr;
  std::optional<uint32_t> pid, tid, cpu;
  uint64_t first_ns = 0;  // when it begins; 0 unknown
};

// The thread that decodes uses it alone.
class Trace {
 public:
  // Throws as TraceReader does. `reporter` is borrowed.
  Trace(const std::string& path, const TraceOptions& options,
        formats::Reporter& reporter);

  const formats::TraceReader& reader() const { return reader_; }
  const TraceFacts& facts() const { return facts_; }
  const std::vector<TraceStream>& streams() const { return streams_; }
  // Of all streams.
  bool has_time() const { return facts_.has_time(); }
  // The first time in the trace, for "+1ms".
  uint64_t first_ns() const;

  // An engine for the stream; with `from_ns` it may begin at the last PSB at
  // or before that time, if the trace has an index.
  std::unique_ptr<FlowEngine> open(const TraceStream& stream,
                                   uint64_t from_ns = 0,
                                   IptKind kind = IptKind::kBlock);

  // The bytes of a stream. Valid as long as this.
  std::unique_ptr<AuxBytes> bytes(const TraceStream& stream) const;
  const PtSettings& settings() const { return settings_; }

  // The code of the stream at its beginning, and the modules of its process.
  StreamCode code(const TraceStream& stream);
  ModuleMap modules(const TraceStream& stream) const;
  ModuleFiles& files() { return files_; }

 private:
  class Bytes;

  PtSettings make_settings(formats::Reporter& reporter) const;
  void find_streams();

  formats::TraceReader reader_;
  TraceFacts facts_;
  PtSettings settings_;
  ImageStore store_;
  ModuleFiles files_;
  AddressSpaces spaces_;
  SectionCache sections_;
  std::vector<TraceStream> streams_;
};

}  // namespace ptcap::decode

#endif  // PTCAP_DECODE_TRACE_H_
