// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/self_test.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "capture/error.h"
#include "capture/program_file.h"
#include "capture/self_test_program.h"

namespace ptcap::capture {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};  // for each command

struct Mode {
  const char* source;
  const char* name;
  std::vector<std::string> options;
  bool may_lose = false;
};

const std::vector<Mode>& modes() {
  static const std::vector<Mode> all = {
      {"pt", "pt", {}},
      {"pt", "pt, returns not compressed", {"--pt", "noretcomp"}},
      {"pt", "pt, snapshot", {"--snapshot=1M"}},
      {"pt", "pt, a buffer that is too small", {"--aux-size", "4K"}, true},
      {"bts", "bts", {}},
      {"emu", "emu", {}},
      {"step", "step", {}},
  };
  return all;
}

// Gone at the end, unless it is kept.
class Folder {
 public:
  Folder() {
    const char* named = std::getenv("TMPDIR");
    path_ = std::string(named ? named : "/tmp") + "/ptcap-self-test.XXXXXX";
    if (!::mkdtemp(path_.data())) {
      throw CaptureError(system_message("make " + path_, errno) +
                         "\n  TMPDIR=FOLDER names another place");
    }
  }
  ~Folder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;

  void keep() { kept_ = true; }
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  bool kept_ = false;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Its exit status, 128 + N for signal N, or 124 if it was too slow and killed.
// Output goes to files.
int run(const std::vector<std::string>& command, const std::string& output,
        const std::string& messages) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const std::string& word : command) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  constexpr int kCreate = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, output.c_str(), kCreate, 0600);
  ::posix_spawn_file_actions_addopen(&files, 2, messages.c_str(), kCreate,
                                     0600);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, argv[0], &files, nullptr, argv.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return kExitFailed;
  const auto end = steady_clock::now() + kPatience;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (steady_clock::now() >= end) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      return 124;  // as timeout(1)
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string self() {
  std::error_code ec;
  return fs::read_symlink("/proc/self/exe", ec).string();
}

std::string find_decoder() {
  std::string beside = (fs::path(self()).parent_path() / "ptdec").string();
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  try {
    return find_program("ptdec");
  } catch (const CaptureError&) {
    return {};
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string write_program(const Folder& folder) {
  std::string path = folder.file("program");
  const std::vector<uint8_t> bytes = self_test_program();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file || ::chmod(path.c_str(), 0700) != 0) {
    throw CaptureError(system_message("write " + path, errno));
  }
  return path;
}

void read_ledger(const std::string& report, SelfTestResult& result) {
  const auto json = nlohmann::json::parse(read_file(report), nullptr, false);
  if (!json.is_object()) return;
  result.produced_bytes = json.value("produced_bytes", uint64_t{0});
  result.written_bytes = json.value("written_bytes", uint64_t{0});
  const auto losses = json.find("losses");
  if (losses != json.end()) result.losses = losses->size();
}

std::string trace(const Mode& mode, const Folder& folder,
                  const std::string& program, SelfTestResult& result) {
  const std::string base = folder.file(mode.name);
  std::vector<std::string> command = {self(),      "-v", "--source",
                                      mode.source, "-o", base + ".ptz"};
  command.insert(command.end(), mode.options.begin(), mode.options.end());
  result.command = "ptcap --source " + std::string(mode.source) +
                   (mode.options.empty() ? "" : " " + joined(mode.options));
  command.insert(command.end(), {"--report", base + ".json", "--", program});
  const auto begin = steady_clock::now();
  const int status = run(command, base + ".out", base + ".messages");
  result.seconds =
      std::chrono::duration<double>(steady_clock::now() - begin).count();
  result.messages = read_file(base + ".messages");
  read_ledger(base + ".json", result);
  if (status != 0) return "exit status " + std::to_string(status);
  if (!mode.may_lose && result.losses != 0) {
    return std::to_string(result.losses) + " losses";
  }
  return {};
}

std::string decode(const Mode& mode, const Folder& folder,
                   const std::string& decoder, SelfTestResult& result) {
  if (decoder.empty()) return "not decoded: no ptdec beside ptcap or in PATH";
  const std::string base = folder.file(mode.name);
  const int status =
      run({decoder, "branches", base + ".ptz", "--format", "tsv"},
          base + ".tsv", base + ".decoding");
  const std::string complaint = read_file(base + ".decoding");
  if (status != 0) {
    return "ptdec: exit status " + std::to_string(status) + ": " + complaint;
  }
  return compare_flow(read_file(base + ".tsv"), self_test_flow(), mode.may_lose,
                      result);
}

SelfTestResult run_mode(const Mode& mode, const Folder& folder,
                        const std::string& program,
                        const std::string& decoder) {
  SelfTestResult result;
  result.name = mode.name;
  result.why_not = trace(mode, folder, program, result);
  if (result.why_not.empty()) {
    result.why_not = decode(mode, folder, decoder, result);
  }
  result.passed = result.why_not.empty();
  return result;
}

// A row of `ptdec branches`: pid tid cpu time_ns from to kind cause
struct Row {
  std::string branch;  // "FROM TO KIND"
  std::string kind, cause;
};

std::optional<Row> parse_row(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream text(line);
  for (std::string field; std::getline(text, field, '\t');) {
    fields.push_back(field);
  }
  if (fields.size() < 7) return std::nullopt;
  return Row{fields[4] + " " + fields[5] + " " + fields[6], fields[6],
             fields.size() > 7 ? fields[7] : ""};
}

// Branches that follow each other; in front of them some may be missing.
struct Run {
  bool may_skip = false;
  std::vector<std::string> branches;
};

bool is_flow(const std::string& kind) {
  constexpr std::array kFlow = {"jcc", "jmp", "ijmp", "call", "icall", "ret"};
  return std::find(kFlow.begin(), kFlow.end(), kind) != kFlow.end();
}

// Bytes are also lost while nothing is traced: then `on` follows, without a
// gap. `bad_gap` becomes the cause of a gap that there should not be.
std::vector<Run> runs_of(const std::string& rows, bool may_lose,
                         SelfTestResult& result, std::string& bad_gap) {
  std::vector<Run> runs(1);
  std::istringstream lines(rows);
  std::string line;
  std::getline(lines, line);  // names of the columns
  while (std::getline(lines, line)) {
    const std::optional<Row> row = parse_row(line);
    if (!row) continue;
    const bool gap = row->kind == "gap";
    if (gap) ++result.gaps;
    if (gap && !(may_lose && row->cause == "lost")) bad_gap = row->cause;
    if (may_lose && (gap || row->kind == "on")) runs.push_back({true, {}});
    if (!is_flow(row->kind)) continue;
    runs.back().branches.push_back(row->branch);
    ++result.branches;
  }
  return runs;
}

// Finds where in `expected` the run is, from `at` on; `at` becomes its end.
bool place(const Run& run, const std::vector<std::string>& expected,
           size_t& at) {
  const size_t size = run.branches.size();
  for (size_t begin = at; begin + size <= expected.size(); ++begin) {
    const auto from = expected.begin() + static_cast<ptrdiff_t>(begin);
    if (std::equal(run.branches.begin(), run.branches.end(), from)) {
      at = begin + size;
      return true;
    }
    if (!run.may_skip) break;
  }
  return false;
}

std::string first_difference(const Run& run,
                             const std::vector<std::string>& expected,
                             size_t at) {
  if (run.may_skip) return "a run of branches that the program does not have";
  for (const std::string& branch : run.branches) {
    if (at >= expected.size()) return branch + ", expected none";
    if (branch != expected[at]) return branch + ", expected " + expected[at];
    ++at;
  }
  return {};
}

}  // namespace

bool SelfTest::passed() const {
  return std::all_of(results.begin(), results.end(),
                     [](const SelfTestResult& r) { return r.passed; });
}

std::string compare_flow(const std::string& rows,
                         const std::vector<std::string>& expected,
                         bool may_lose, SelfTestResult& result) {
  result.expected_branches = expected.size();
  std::string bad_gap;
  const std::vector<Run> runs = runs_of(rows, may_lose, result, bad_gap);
  if (!bad_gap.empty()) return "a gap: " + bad_gap;
  size_t at = 0;
  size_t skipped = 0;
  for (const Run& run : runs) {
    const size_t before = at;
    if (!place(run, expected, at)) {
      return "behind branch " + std::to_string(before) + ": " +
             first_difference(run, expected, before);
    }
    skipped += at - run.branches.size() - before;
  }
  skipped += expected.size() - at;
  if (skipped != 0 && (!may_lose || result.losses == 0)) {
    return std::to_string(skipped) + " of " + std::to_string(expected.size()) +
           " branches are missing";
  }
  return {};
}

SelfTest run_self_test(const std::vector<std::string>& sources) {
  SelfTest test;
  Folder folder;
  const std::string program = write_program(folder);
  test.decoder = find_decoder();
  for (const Mode& mode : modes()) {
    if (std::find(sources.begin(), sources.end(), mode.source) ==
        sources.end()) {
      continue;
    }
    test.results.push_back(run_mode(mode, folder, program, test.decoder));
  }
  if (!test.passed()) {
    folder.keep();
    test.folder = folder.path();
  }
  return test;
}

std::string to_text(const SelfTest& test) {
  std::string text =
      "self-test: a program of known flow, traced by each "
      "source that works here\n";
  text += "decoder: " + (test.decoder.empty() ? "none" : test.decoder) + "\n";
  for (const SelfTestResult& result : test.results) {
    char numbers[160];
    std::snprintf(numbers, sizeof numbers,
                  "%lu of %lu branches, %lu gaps, %lu bytes, %lu losses, "
                  "%.2f s",
                  result.branches, result.expected_branches, result.gaps,
                  result.produced_bytes, result.losses, result.seconds);
    text += "\n" + std::string(result.passed ? "ok     " : "FAILED ") +
            result.name + ": " + numbers + "\n";
    if (!result.passed) text += "  " + result.why_not + "\n";
    text += "  $ " + result.command + "\n";
    std::istringstream lines(result.messages);
    for (std::string line; std::getline(lines, line);) {
      text += "    " + line + "\n";
    }
  }
  if (!test.folder.empty())
    text += "\ntraces are kept in " + test.folder + "\n";
  return text;
}

}  // namespace ptcap::capture
