// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// AUX data that samples carry (`perf record --aux-sample`): what the buffer
// held last when the sample was taken.

#ifndef PTCAP_FORMATS_PERF_DATA_AUX_SAMPLES_H_
#define PTCAP_FORMATS_PERF_DATA_AUX_SAMPLES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "formats/perf/record_format.h"
#include "formats/ptz/aux_index.h"

namespace ptcap::formats::perf_data {

// Makes a stream of each thread's samples, in order of time. What two of them
// have in common is there once; what was not sampled between them is a hole.
class AuxSamples {
 public:
  // Streams have these numbers, so that they are none of AUXTRACE records.
  static constexpr uint32_t kFirstIdx = 1u << 31;

  struct Part {
    uint32_t tid = ~0u;
    uint32_t cpu = ~0u;
    uint64_t time = 0;
    Bytes data;  // within the record, not empty
  };
  // Of each record in order; only those of attrs and samples are looked at.
  // The AUX data of the sample, if it is one that has some. Throws FormatError
  // where it is damaged.
  std::optional<Part> find(Bytes record, uint64_t offset);

  // What find() gave, and where it is from now on.
  void add(const Part& part, ptz::AuxLocation location);
  // After the last one: all of them, to `index`. `fetch` is AuxIndex's.
  void finish(ptz::AuxIndex& index, const ptz::AuxIndex::Fetch& fetch);

 private:
  struct Sample {
    uint32_t cpu = ~0u;
    uint64_t time = 0;
    uint64_t size = 0;
    ptz::AuxLocation location;
  };

  EventFormats formats_;
  bool any_ = false;                                 // an event has AUX data
  std::map<uint32_t, std::vector<Sample>> samples_;  // by tid
};

// How many of the last bytes of `before` are the first ones of `next`, by a PSB
// with the same time in both: loops make the same bytes again and again. 0
// where no PSB with a time is in both.
size_t overlap(Bytes before, Bytes next);

}  // namespace ptcap::formats::perf_data

#endif  // PTCAP_FORMATS_PERF_DATA_AUX_SAMPLES_H_
