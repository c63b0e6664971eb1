// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What a container must offer to be read as a trace. The contracts are those
// of TraceReader's methods of the same name.

#ifndef PTCAP_FORMATS_PTZ_TRACE_SOURCE_H_
#define PTCAP_FORMATS_PTZ_TRACE_SOURCE_H_

#include <memory>

#include "formats/io/input_file.h"
#include "formats/ptz/trace_reader.h"

namespace ptcap::formats {

class TraceSource {
 public:
  virtual ~TraceSource() = default;

  virtual Container container() const = 0;
  virtual bool salvaged() const = 0;
  virtual void for_each_record(
      const std::function<void(Bytes, uint64_t)>& visit) const = 0;
  virtual std::span<const AuxStream> aux_streams() const = 0;
  virtual uint64_t read_aux(const AuxStream& stream, uint64_t offset,
                            std::span<uint8_t> out) const = 0;
  virtual std::span<const CodeMapping> code_mappings() const { return {}; }
  virtual std::optional<Buffer> image(const ImageId&) const { return {}; }
  virtual std::optional<uint64_t> image_size(const ImageId&) const {
    return {};
  }
  virtual std::optional<Ledger> ledger() const { return {}; }
  virtual uint64_t file_size_bytes() const = 0;
};

// Throws as TraceReader's constructor does.
std::unique_ptr<TraceSource> open_ptz(InputFile file, Reporter& reporter);

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PTZ_TRACE_SOURCE_H_
