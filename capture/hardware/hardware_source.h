// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// --source pt and --source bts: the CPU traces, the kernel collects.

#ifndef PTCAP_CAPTURE_HARDWARE_HARDWARE_SOURCE_H_
#define PTCAP_CAPTURE_HARDWARE_HARDWARE_SOURCE_H_

#include <memory>
#include <string>

#include "capture/source.h"

namespace ptcap::capture {

// As SourceEntry has them.
inline constexpr FeatureSet kPtFeatures = {
    Feature::kAttachProcess, Feature::kAttachThread, Feature::kWholeSystem,
    Feature::kFilter,        Feature::kAuxSize,      Feature::kDataSize,
    Feature::kDelay,         Feature::kDuration,     Feature::kMaxSize,
    Feature::kControl,       Feature::kPtTerms,      Feature::kSnapshot,
    Feature::kTrigger,       Feature::kSwitchOutput, Feature::kKernel,
    Feature::kCgroup,
};
inline constexpr FeatureSet kBtsFeatures = {
    Feature::kAttachProcess, Feature::kAttachThread, Feature::kAuxSize,
    Feature::kDataSize,      Feature::kDelay,        Feature::kDuration,
    Feature::kMaxSize,       Feature::kControl,      Feature::kSnapshot,
    Feature::kTrigger,       Feature::kSwitchOutput, Feature::kKernel,
};

std::string probe_pt(const CaptureOptions& options);
std::unique_ptr<Source> make_pt_source(const CaptureOptions& options);

std::string probe_bts(const CaptureOptions& options);
std::unique_ptr<Source> make_bts_source(const CaptureOptions& options);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_HARDWARE_HARDWARE_SOURCE_H_
