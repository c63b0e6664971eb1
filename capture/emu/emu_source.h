// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The emulator source: runs the program under qemu-user with our plugin, which
// writes PT as the program's blocks run. Any x86-64 machine, several times
// slower than native; follows threads, children and execs.

#ifndef PTCAP_CAPTURE_EMU_EMU_SOURCE_H_
#define PTCAP_CAPTURE_EMU_EMU_SOURCE_H_

#include "capture/source.h"

namespace ptcap::capture {

inline constexpr FeatureSet kEmuFeatures = {
    Feature::kDuration,
    Feature::kMaxSize,
    Feature::kPtTerms,
};

// As in SourceEntry.
std::string probe_emu(const CaptureOptions& options);
std::unique_ptr<Source> make_emu_source(const CaptureOptions& options);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_EMU_EMU_SOURCE_H_
