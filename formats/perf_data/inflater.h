// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records inside of COMPRESSED records (`perf record -z`).

#ifndef PTCAP_FORMATS_PERF_DATA_INFLATER_H_
#define PTCAP_FORMATS_PERF_DATA_INFLATER_H_

#include <zstd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "formats/io/byte_writer.h"

namespace ptcap::formats::perf_data {

// perf feeds all records of a file through one zstd stream and cuts what comes
// out anywhere: so one inflater takes all COMPRESSED records in file order, and
// a record may begin in one and end in the next.
class Inflater {
 public:
  Inflater();

  static bool is_compressed(uint32_t type);

  // Takes one COMPRESSED record of that type and visits each record that is
  // whole by now. Returns what is wrong where the bytes are no zstd, or what
  // comes out are no records; from then on nothing is visited.
  std::optional<std::string> push(
      Bytes record, uint32_t type,
      const std::function<void(Bytes record)>& visit);

 private:
  void inflate(Bytes compressed,
               const std::function<void(Bytes record)>& visit);
  void visit_whole(const std::function<void(Bytes record)>& visit);

  struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, FreeStream> stream_;
  Buffer pending_;  // the begin of a record
  bool failed_ = false;
};

}  // namespace ptcap::formats::perf_data

#endif  // PTCAP_FORMATS_PERF_DATA_INFLATER_H_
