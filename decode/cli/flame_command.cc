// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// ptdec flame: "thread;caller;callee 123", as flame graph tools read it.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "decode/calls/call_tree.h"
#include "decode/cli/around.h"
#include "decode/cli/call_source.h"
#include "decode/cli/commands.h"
#include "decode/cli/output.h"
#include "decode/symbols/escape.h"

namespace ptcap::decode {

namespace {

std::string comm_of(const Trace& trace, const TraceStream& lane) {
  if (lane.tid) {
    const auto at = trace.facts().threads.find(*lane.tid);
    if (at != trace.facts().threads.end() && !at->second.comm.empty()) {
      return escape_text(at->second.comm);
    }
  }
  return "all";
}

// Frames are parted by semicolons, the count by the last blank.
std::string as_frame(std::string label) {
  std::replace(label.begin(), label.end(), ';', ':');
  return label;
}

void print(const CommandLine& line, const CallTree& tree, bool by_time,
           Output& out) {
  const std::vector<CallTree::Node>& nodes = tree.nodes();
  std::vector<uint64_t> self(nodes.size());
  for (size_t i = nodes.size(); i-- > 0;) {
    const uint64_t weight = by_time ? nodes[i].ns : nodes[i].insns;
    self[i] += weight;
    if (i != 0) self[nodes[i].parent] -= weight;
  }
  std::vector<std::string> frames;
  for (const std::string& label : tree.labels()) {
    frames.push_back(as_frame(label));
  }
  std::vector<uint32_t> stacks;
  for (uint32_t i = 1; i < nodes.size(); ++i) {
    // Times overlap by what their rounding loses.
    if (self[i] != 0 && self[i] <= ~uint64_t{0} / 2) stacks.push_back(i);
  }
  keep_asked(line, stacks);
  std::vector<uint32_t> path;
  for (const uint32_t i : stacks) {
    path.clear();
    for (uint32_t at = i; at != 0; at = nodes[at].parent) path.push_back(at);
    while (!path.empty()) {
      out.write(frames[nodes[path.back()].label]);
      path.pop_back();
      out.write(path.empty() ? " " : ";");
    }
    out.write(std::to_string(self[i]) + "\n");
  }
}

}  // namespace

int run_flame(const CommandLine& line, formats::Reporter& reporter) {
  RowRun run(line, reporter);
  const bool by_time = line.by == "time";
  if (by_time && !run.trace.has_time()) {
    throw std::runtime_error(line.traces.front() +
                             ": --by time: the trace has no time packets");
  }
  const CallSelection selection = call_selection(line, run.trace);
  SeenFunctions seen;
  CallTree tree;
  for (const StreamGroup& group : stream_groups(run)) {
    CallPull pull(run, group, seen, [&](const TraceStream& lane) {
      const uint32_t comm = tree.label_id(comm_of(run.trace, lane));
      return std::make_unique<Filtered<TreeStack>>(selection, tree,
                                                   tree.child(0, comm));
    });
    while (pull.next()) {
    }
  }
  print(line, tree, by_time, run.out);
  run.out.flush();
  warn_if_unknown(line, seen, reporter);
  return finish(line, run.trace, run.gaps, reporter);
}

}  // namespace ptcap::decode
