// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "tests/capture/emu/truth_compare.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "tests/capture/emu/truth_log.h"

namespace ptcap::capture::emu {

namespace {

using ThreadId = std::pair<int, int>;

struct ThreadTruth {
  std::vector<TruthEntry> entries;
  size_t at = 0;
  // How often the trace says that an instruction at this address was about to
  // run and did not.
  std::map<TruthEntry, uint64_t> interrupted;
};

using Truth = std::map<ThreadId, ThreadTruth>;

void append_file(const std::filesystem::path& path, ThreadTruth& thread) {
  std::ifstream file(path, std::ios::binary);
  std::vector<TruthEntry> entries(std::filesystem::file_size(path) /
                                  sizeof(TruthEntry));
  file.read(reinterpret_cast<char*>(entries.data()),
            static_cast<std::streamsize>(entries.size() * sizeof(TruthEntry)));
  while (!entries.empty() && entries.back() == 0) entries.pop_back();
  thread.entries.insert(thread.entries.end(), entries.begin(), entries.end());
}

Truth read_truth(const std::string& folder) {
  std::set<std::filesystem::path> files;  // by name: by thread, then by time
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.insert(entry.path());
  }
  Truth truth;
  for (const auto& file : files) {
    ThreadId id;
    if (sscanf(file.filename().c_str(), "%d.%d.", &id.first, &id.second) == 2) {
      append_file(file, truth[id]);
    }
  }
  return truth;
}

// Calls `visit` with the fields of each row of `ptdec COMMAND`.
void for_each_row(
    const std::string& command,
    const std::function<void(const std::vector<char*>& fields)>& visit) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"),
                                                   pclose);
  char* line = nullptr;
  size_t capacity = 0;
  std::vector<char*> fields;
  while (getline(&line, &capacity, pipe.get()) > 0) {
    if (line[0] == '#') continue;
    fields.clear();
    line[strcspn(line, "\n")] = '\0';
    for (char* rest = line; rest != nullptr;) {
      fields.push_back(strsep(&rest, "\t"));
    }
    visit(fields);
  }
  free(line);
}

ThreadId thread_of(const std::vector<char*>& fields) {
  return {atoi(fields[0]), atoi(fields[1])};
}

TruthEntry entry_of(const char* ip) {
  return make_truth_entry(strtoull(ip, nullptr, 16), /*repeated=*/false);
}

// Moves over `expected` in the log, and over what was begun but not executed
// in front of it. False if it is not there.
bool take(ThreadTruth& thread, TruthEntry expected, TruthResult& result) {
  constexpr int kMaxSkipped = 64;
  for (int skipped = 0; skipped < kMaxSkipped; ++skipped) {
    if (thread.at >= thread.entries.size()) return false;
    const TruthEntry entry = thread.entries[thread.at] & ~kTruthRepeated;
    const bool is_begun_again =
        thread.at + 1 < thread.entries.size() &&
        (thread.entries[thread.at + 1] & ~kTruthRepeated) == entry;
    ++thread.at;
    if (entry == expected) {
      // A second beginning of the same instruction is no second execution,
      // unless the trace says so with its next row.
      return true;
    }
    auto interrupted = thread.interrupted.find(entry);
    const size_t previous = thread.at >= 2 ? thread.at - 2 : 0;
    if (thread.at >= 2 &&
        (thread.entries[previous] & ~kTruthRepeated) == entry) {
      ++result.restarted;
    } else if (interrupted != thread.interrupted.end() &&
               interrupted->second > 0) {
      --interrupted->second;
      ++result.faulted;
    } else if (is_begun_again) {
      ++result.restarted;
    } else {
      return false;
    }
  }
  return false;
}

std::string describe(const ThreadId& id, const ThreadTruth& thread,
                     const char* ip) {
  char text[512];
  int used =
      snprintf(text, sizeof(text),
               "thread %d/%d: instruction %zu of %zu: the trace has %s, "
               "the log",
               id.first, id.second, thread.at, thread.entries.size(), ip);
  const size_t begin = thread.at > 6 ? thread.at - 6 : 0;
  const size_t end = std::min(thread.at + 3, thread.entries.size());
  for (size_t i = begin; i < end; ++i) {
    used += snprintf(text + used, sizeof(text) - used, " %x",
                     thread.entries[i] & ~kTruthRepeated);
  }
  return text;
}

}  // namespace

TruthResult compare_with_truth(const std::string& ptdec,
                               const std::string& trace,
                               const std::string& folder) {
  Truth truth = read_truth(folder);
  TruthResult result;
  // Columns: pid tid cpu time_ns from to kind cause
  for_each_row(ptdec + " branches --format tsv " + trace,
               [&](const std::vector<char*>& fields) {
                 if (fields.size() < 8) return;
                 if (std::string_view(fields[6]) == "gap") ++result.gaps;
                 if (std::string_view(fields[7]) != "async") return;
                 ++truth[thread_of(fields)].interrupted[entry_of(fields[4])];
               });
  std::set<ThreadId> seen;
  // Columns: pid tid cpu time_ns ip
  for_each_row(ptdec + " insns --no-text --format tsv " + trace,
               [&](const std::vector<char*>& fields) {
                 if (!result.difference.empty() || fields.size() < 5) return;
                 const ThreadId id = thread_of(fields);
                 ThreadTruth& thread = truth[id];
                 seen.insert(id);
                 ++result.instructions;
                 if (thread.at >= thread.entries.size()) {
                   ++result.beyond_end;
                 } else if (!take(thread, entry_of(fields[4]), result)) {
                   result.difference = describe(id, thread, fields[4]);
                 }
               });
  result.threads = seen.size();
  for (const auto& [id, thread] : truth) {
    const uint64_t missing = thread.entries.size() - thread.at;
    if (missing == 0) continue;
    result.missing_at_end += missing;
    ++result.threads_cut;
  }
  return result;
}

}  // namespace ptcap::capture::emu
