// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// `ptcap doctor`: which sources work here, and why others do not.

#ifndef PTCAP_CAPTURE_DOCTOR_H_
#define PTCAP_CAPTURE_DOCTOR_H_

#include <span>
#include <string>

#include "capture/source.h"

namespace ptcap::capture {

struct DoctorReport {
  std::string text;  // for stdout
  // pt or bts would trace `true`, and no self-test has failed.
  bool all_well = false;
};

DoctorReport examine(const RunDoctor& doctor,
                     std::span<const SourceEntry> entries = sources());

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_DOCTOR_H_
