// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <cstdio>

#include "bindings/event_names.h"
#include "formats/perf/record_builder.h"

int main() {
  std::vector<uint8_t> bytes;
  ptcap::formats::RecordBuilder().append(
      bytes, ptcap::formats::CommRecord{1, 1, "consumer"});
  auto record = ptcap::formats::parse_record(bytes, {});
  auto event = ptcap::bindings::parse_event("page-faults:u");
  std::printf("%s %s\n", event.name().c_str(),
              std::get<ptcap::formats::CommRecord>(record.body).comm.data());
}
