// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/decode/fast/corpus.h"

#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>

#include "decode/fast/follower.h"
#include "decode/fast/part_joiner.h"
#include "decode/fast/stretch.h"
#include "decode/image_store.h"
#include "decode/libipt/engine.h"
#include "decode/libipt/section_cache.h"
#include "decode/psb_header.h"
#include "formats/pt/packet.h"

namespace ptcap::decode::fast {

namespace {

constexpr uint64_t kDumpPage = 4096;

std::vector<uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string decompress(const std::vector<uint8_t>& bytes) {
  std::string text(64 << 20, '\0');
  const size_t size =
      ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) throw std::runtime_error("damaged edges");
  text.resize(size);
  return text;
}

std::vector<FlowItem> flow_in(std::span<const uint8_t> trace,
                              std::shared_ptr<const CodeView> code,
                              const PtSettings& settings, const Reference& how,
                              SectionCache& sections) {
  const SpanAux aux(trace);
  PartJoiner joiner;
  std::vector<FlowItem> all;
  joiner.set_batch(&all);
  const bool bdm70 = has_bdm70(settings);
  FlowBatch batch;
  batch.reserve(4096);
  uint64_t begin = 0;
  std::optional<uint64_t> psb = find_sync(trace, 0);
  while (begin < trace.size()) {
    std::optional<uint64_t> next;
    if (how.by_segment && psb) next = find_sync(trace, *psb + pt::kPsbSize);
    const uint64_t end = next.value_or(trace.size());
    LibiptEngine engine({.aux = &aux,
                         .code = StreamCode(code),
                         .settings = settings,
                         .begin = begin,
                         .end = end},
                        sections);
    std::vector<FlowItem> items;
    while (engine.next(batch)) {
      items.insert(items.end(), batch.begin(), batch.end());
    }
    joiner.begin_part(start_ip(trace.subspan(psb.value_or(0)), bdm70));
    joiner.add(items);
    joiner.end_part();
    begin = end;
    psb = next;
  }
  joiner.finish();
  return all;
}

template <typename Count, typename Key, typename Show>
void compare(const std::vector<Count>& expected, const std::vector<Count>& got,
             Key key, Show show, std::ostream& out) {
  std::map<decltype(key(expected[0])), std::pair<uint64_t, uint64_t>> all;
  for (const Count& count : expected) all[key(count)].first = count.count;
  for (const Count& count : got) all[key(count)].second = count.count;
  unsigned shown = 0;
  for (const auto& [where, counts] : all) {
    if (counts.first == counts.second || ++shown > 8) continue;
    out << show(where) << ": expected " << counts.first << ", got "
        << counts.second << '\n';
  }
}

std::string hex(uint64_t a, const char* between, uint64_t b) {
  std::ostringstream text;
  text << std::hex << a << between << b;
  return text.str();
}

}  // namespace

std::filesystem::path corpus_folder() {
  if (const char* folder = std::getenv("PTCAP_SHARED")) {
    return std::filesystem::path(folder) / "corpus";
  }
  return std::filesystem::path(PTCAP_SOURCE_DIR) / ".." / "shared" / "corpus";
}

CorpusTrace::CorpusTrace(const std::string& name) {
  const std::filesystem::path folder = corpus_folder() / name;
  bytes = read_file(folder / "trace.pt");
  const auto dump = read_file(folder / "pages.dump");
  const auto addresses = read_file(folder / "pages.addr");
  std::map<uint64_t, std::span<const uint8_t>> present;
  for (size_t i = 0; i + 8 <= addresses.size(); i += 8) {
    uint64_t address;
    std::memcpy(&address, addresses.data() + i, sizeof(address));
    if ((address & 1) != 0) continue;  // known to be absent
    present[address] = std::span(dump).subspan(i / 8 * kDumpPage, kDumpPage);
  }
  for (const auto& [address, page] : present) {
    pages.insert(pages.end(), page.begin(), page.end());
  }
  // Pages that touch are one range: libipt is slow with many sections.
  CodeView view;
  size_t end = 0;
  for (auto at = present.begin(); at != present.end();) {
    const uint64_t address = at->first;
    const size_t begin = end;
    for (; at != present.end() && at->first == address + end - begin; ++at) {
      end += kDumpPage;
    }
    view.add({address, std::span(pages).subspan(begin, end - begin)});
  }
  code = std::make_shared<const CodeView>(std::move(view));
  // A processor with erratum BDM70, which libipt's figures were made with.
  settings.cpu = CpuModel{6, 94, 3};
  if (name.ends_with("_32")) settings.mode = ExecMode::k32;
}

std::vector<Edge> published_edges(const std::string& name) {
  const std::string text =
      decompress(read_file(corpus_folder() / name / "edges.txt.zst"));
  std::vector<Edge> edges;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    Edge edge;
    const size_t arrow = line.find("->");
    if (arrow == std::string::npos) continue;
    const char* begin = line.data();
    std::from_chars(begin, begin + arrow, edge.from, 16);
    std::from_chars(begin + arrow + 2, begin + line.size(), edge.to, 16);
    edges.push_back(edge);
  }
  return edges;
}

std::vector<FlowItem> flow_of_libipt(std::span<const uint8_t> trace,
                                     std::shared_ptr<const CodeView> code,
                                     const PtSettings& settings,
                                     const Reference& how) {
  ImageStore store;
  SectionCache sections(store);
  return flow_in(trace, code, settings, how, sections);
}

FlowCounts count_with_libipt(std::span<const uint8_t> trace,
                             std::shared_ptr<const CodeView> code,
                             const PtSettings& settings, const Reference& how) {
  FlowCounter counter;
  counter.add(flow_of_libipt(trace, std::move(code), settings, how));
  FlowCounts counts = counter.take();
  counts.normalize();
  return counts;
}

std::string difference(const FlowCounts& expected, const FlowCounts& got) {
  std::ostringstream out;
  compare(
      expected.edges, got.edges, [](const EdgeCount& c) { return c.edge; },
      [](const Edge& e) { return "edge " + hex(e.from, "->", e.to); }, out);
  compare(
      expected.blocks, got.blocks, [](const BlockCount& c) { return c.block; },
      [](const Block& b) { return "block " + hex(b.begin, "-", b.end); }, out);
  if (out.str().empty() && !(expected == got)) out << "details differ\n";
  return out.str();
}

}  // namespace ptcap::decode::fast
