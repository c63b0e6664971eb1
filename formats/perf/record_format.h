// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What decides the bytes of a record beside its kind: the attr of its event.

#ifndef PTCAP_FORMATS_PERF_RECORD_FORMAT_H_
#define PTCAP_FORMATS_PERF_RECORD_FORMAT_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "bindings/abi/perf_event_attr.h"
#include "formats/io/byte_reader.h"
#include "formats/perf/array_view.h"

namespace ptcap::formats {

// The fields of an attr that parsing needs. The default is an event without
// sample_id_all: records without trailer.
struct RecordFormat {
  uint64_t sample_type = 0;
  uint64_t read_format = 0;
  uint64_t branch_sample_type = 0;
  uint64_t sample_regs_user = 0;
  uint64_t sample_regs_intr = 0;
  bool sample_id_all = false;

  static RecordFormat of(const abi::perf_event_attr& attr);

  // Bytes of the sample_id trailer of every kernel record but SAMPLE.
  uint64_t sample_id_size() const {
    return sample_id_all ? sample_id_size_ : 0;
  }
  // After a change of sample_type.
  void update();

 private:
  uint64_t sample_id_size_ = 0;
};

// The events of one stream of records, found by the id that each record has.
class EventFormats {
 public:
  // As a HEADER_ATTR record says it. Ids that were there before are replaced.
  void add(const abi::perf_event_attr& attr, ArrayView<uint64_t> ids);

  // The event of a kernel record, header included: that of its id where all
  // events have PERF_SAMPLE_IDENTIFIER (or there is one only), otherwise the
  // first event. Never throws; a record too short for an id is the first
  // event's. Valid until the next add().
  const RecordFormat& of_record(Bytes record) const;

  bool empty() const { return formats_.empty(); }

 private:
  const RecordFormat& by_id(uint64_t id) const;

  RecordFormat none_;
  std::vector<RecordFormat> formats_;
  std::unordered_map<uint64_t, size_t> index_of_id_;
  bool all_have_identifier_ = true;
};

}  // namespace ptcap::formats

#endif  // PTCAP_FORMATS_PERF_RECORD_FORMAT_H_
