// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Real traces with the code that ran: see the README of the corpus.

#ifndef PTCAP_TESTS_DECODE_FAST_CORPUS_H_
#define PTCAP_TESTS_DECODE_FAST_CORPUS_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "decode/code_view.h"
#include "decode/fast/edge_counts.h"
#include "decode/stream.h"

namespace ptcap::decode::fast {

// Where the corpus is, or should be: $PTCAP_SHARED says.
std::filesystem::path corpus_folder();

struct CorpusTrace {
  // Throws std::runtime_error if files are missing.
  explicit CorpusTrace(const std::string& name);

  std::vector<uint8_t> bytes;
  std::vector<uint8_t> pages;
  std::shared_ptr<const CodeView> code;  // of `pages`
  PtSettings settings;
};

// The published edges of a trace, in order.
std::vector<Edge> published_edges(const std::string& name);

// How to ask libipt.
struct Reference {
  // Each PSB is a new beginning, as it is when segments are decoded in
  // parallel.
  bool by_segment = false;
};

// What libipt's block decoder says, and counts.
std::vector<FlowItem> flow_of_libipt(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     const Reference& how);
FlowCounts count_with_libipt(std::span<const uint8_t> trace,
                             std::shared_ptr<const CodeView> code,
                             const PtSettings& settings,
                             const Reference& how = {});

// The first edges and blocks in which they differ; empty if none.
std::string difference(const FlowCounts& expected, const FlowCounts& got);

}  // namespace ptcap::decode::fast

#endif  // PTCAP_TESTS_DECODE_FAST_CORPUS_H_
