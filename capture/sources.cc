// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include <iterator>

#include "capture/emu/emu_source.h"
#include "capture/error.h"
#include "capture/hardware/hardware_source.h"
#include "capture/source.h"
#include "capture/step/step_source.h"

namespace ptcap::capture {
namespace {

constexpr SourceEntry kSources[] = {
    {SourceKind::kPt, "pt", "Intel PT through perf", kPtFeatures, probe_pt,
     make_pt_source},
    {SourceKind::kBts, "bts", "Intel BTS through perf", kBtsFeatures, probe_bts,
     make_bts_source},
    {SourceKind::kEmu, "emu", "runs a program in an emulator: fast",
     kEmuFeatures, probe_emu, make_emu_source},
    {SourceKind::kStep, "step",
     "runs any program one instruction at a time: exact, slow", kStepFeatures,
     probe_step, make_step_source},
};

constexpr Feature kAllFeatures[] = {
    Feature::kAttachProcess, Feature::kAttachThread, Feature::kWholeSystem,
    Feature::kCgroup,        Feature::kKernel,       Feature::kFilter,
    Feature::kSnapshot,      Feature::kTrigger,      Feature::kAuxSize,
    Feature::kDataSize,      Feature::kDelay,        Feature::kDuration,
    Feature::kMaxSize,       Feature::kSwitchOutput, Feature::kControl,
    Feature::kPtTerms,
};

// The sources that have `feature`, for messages.
std::string who_can(Feature feature, std::span<const SourceEntry> entries) {
  std::string names;
  for (const SourceEntry& entry : entries) {
    if (!entry.features.has(feature)) continue;
    names += names.empty() ? "" : ", ";
    names += entry.name;
  }
  return names.empty() ? "no source of this version" : names;
}

// The first feature asked for that `entry` lacks.
const Feature* missing_feature(const CaptureOptions& options,
                               const SourceEntry& entry) {
  for (const Feature& feature : kAllFeatures) {
    if (options.asked.has(feature) && !entry.features.has(feature)) {
      return &feature;
    }
  }
  return nullptr;
}

ChosenSource check_named(const CaptureOptions& options,
                         const SourceEntry& entry,
                         std::span<const SourceEntry> entries) {
  if (const Feature* feature = missing_feature(options, entry)) {
    throw UsageError(std::string(option_name(*feature)) + ": source " +
                     std::string(entry.name) + " cannot; " +
                     who_can(*feature, entries) + " can");
  }
  const std::string why_not = entry.probe(options);
  if (!why_not.empty()) {
    throw CaptureError("source " + std::string(entry.name) + ": " + why_not);
  }
  return {&entry, ""};
}

// The advice of a reason stands on a line of its own.
std::string one_line(std::string reason) {
  constexpr std::string_view kBreak = "\n  ";
  for (size_t at = reason.find(kBreak); at != std::string::npos;
       at = reason.find(kBreak)) {
    reason.replace(at, kBreak.size(), ": ");
  }
  return reason;
}

}  // namespace

std::span<const SourceEntry> sources() { return kSources; }

ChosenSource choose_source(const CaptureOptions& options,
                           std::span<const SourceEntry> entries) {
  std::string reasons;
  bool lacks_features_only = true;
  for (const SourceEntry& entry : entries) {
    if (options.source) {
      if (entry.kind != *options.source) continue;
      return check_named(options, entry, entries);
    }
    std::string why_not;
    if (const Feature* feature = missing_feature(options, entry)) {
      why_not = "cannot " + std::string(option_name(*feature));
    } else {
      why_not = entry.probe(options);
      if (why_not.empty()) return {&entry, reasons};
      lacks_features_only = false;
    }
    reasons += reasons.empty() ? "" : "; ";
    reasons += std::string(entry.name) + ": " + one_line(why_not);
  }
  if (lacks_features_only) throw UsageError("no source can: " + reasons);
  throw CaptureError("no source works here: " + reasons);
}

}  // namespace ptcap::capture
