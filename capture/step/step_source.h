// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// --source step: runs a program one instruction at a time with ptrace and
// writes the PT that a CPU would have written. Exact; 50,000 instructions a
// second. For programs where nothing else works, and as the truth that other
// sources are held against.
//
// For tests: with PTCAP_STEP_LOG=FILE in ptcap's environment, every
// instruction that ran is appended to FILE, in order, as a StepLogEntry
// (step_log.h); a `rep` instruction once, a system call instruction when it
// enters the kernel.

#ifndef PTCAP_CAPTURE_STEP_STEP_SOURCE_H_
#define PTCAP_CAPTURE_STEP_STEP_SOURCE_H_

#include <memory>
#include <string>

#include "capture/options.h"
#include "capture/source.h"

namespace ptcap::capture {

inline constexpr FeatureSet kStepFeatures = {
    Feature::kAttachProcess, Feature::kAttachThread, Feature::kDelay,
    Feature::kDuration,      Feature::kMaxSize,      Feature::kPtTerms,
};

std::string probe_step(const CaptureOptions& options);
std::unique_ptr<Source> make_step_source(const CaptureOptions& options);

}  // namespace ptcap::capture

#endif  // PTCAP_CAPTURE_STEP_STEP_SOURCE_H_
