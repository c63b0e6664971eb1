// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// When the records of a frame were made.

#ifndef PTCAP_FORMATS_PTZ_RECORD_TIMES_H_
#define PTCAP_FORMATS_PTZ_RECORD_TIMES_H_

#include "formats/perf/record_format.h"
#include "formats/ptz/index.h"

namespace ptcap::formats::ptz {

// Follows a stream of records from its first one on, because their
// HEADER_ATTRs say where the others have their time.
class RecordTimes {
 public:
  void note(Bytes record);

  // Of the records since the last call.
  RecordsInfo take();

 private:
  EventFormats formats_;
  RecordsInfo range_;
};

}  // namespace ptcap::formats::ptz

#endif  // PTCAP_FORMATS_PTZ_RECORD_TIMES_H_
