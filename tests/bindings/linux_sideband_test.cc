// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records about processes, from the kernel that runs here: what a tracer
// builds its picture of address spaces from.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <set>

#include "bindings/pmu.h"
#include "tests/bindings/linux_bpf.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::RecordMisc;
using formats::CommRecord;
using formats::ExitRecord;
using formats::ForkRecord;
using formats::Mmap2Record;
using formats::Record;

// Runs `work` in a child and keeps what `attr` records of it.
class ChildRecords {
 public:
  ChildRecords(EventAttr attr, const std::function<int()>& work)
      : child_(work),
        pid_(child_.pid()),
        event_(std::move(attr.enabled_at_once()), Target::thread(pid_)),
        ring_(event_, 64 * page_size()) {
    EXPECT_EQ(child_.finish(), 0);
    records_.emplace(ring_);
  }
  pid_t pid() const { return pid_; }
  const Records& records() const { return *records_; }

 private:
  Child child_;
  pid_t pid_;
  Event event_;
  DataRing ring_;
  std::optional<Records> records_;
};

EventAttr sideband() { return EventAttr::dummy().user_only().sideband(); }

int exec_true() {
  ::execl("/bin/true", "true", nullptr);
  return 98;
}

TEST(Sideband, ExecMapsTheProgramByInode) {
  MAKE_OR_SKIP(run, ChildRecords(sideband(), exec_true));
  struct stat file;
  ASSERT_EQ(::stat("/bin/true", &file), 0);
  int of_true = 0;
  for (const auto& mmap : run.records().of<Mmap2Record>()) {
    if (!mmap.filename.ends_with("/true")) continue;
    ++of_true;
    EXPECT_FALSE(mmap.build_id);
    EXPECT_EQ(mmap.inode, file.st_ino);
    EXPECT_EQ(mmap.device_major, major(file.st_dev));
    EXPECT_EQ(mmap.device_minor, minor(file.st_dev));
    EXPECT_EQ(mmap.protection, unsigned{PROT_READ | PROT_EXEC});
    EXPECT_TRUE(mmap.flags & MAP_PRIVATE);
    EXPECT_EQ(mmap.pid, static_cast<uint32_t>(run.pid()));
  }
  EXPECT_EQ(of_true, 1);
}

TEST(Sideband, ExecMapsTheProgramByBuildId) {
  MAKE_OR_SKIP(run, ChildRecords(sideband().build_ids(), exec_true));
  int with_build_id = 0;
  for (const auto& mmap : run.records().of<Mmap2Record>())
    if (mmap.filename.ends_with("/true") && mmap.build_id)
      with_build_id += mmap.build_id->size() == 20;
  EXPECT_EQ(with_build_id, 1);
}

TEST(Sideband, CommOfExecAndOfPrctl) {
  auto work = [] {
    ::prctl(PR_SET_NAME, "renamed");
    return exec_true();
  };
  MAKE_OR_SKIP(run, ChildRecords(sideband(), work));
  std::vector<std::pair<std::string, bool>> comms;
  for (const Record& record : run.records().all())
    if (auto* comm = std::get_if<CommRecord>(&record.body))
      comms.emplace_back(comm->comm, record.has(RecordMisc::kCommExec));
  EXPECT_THAT(comms, testing::ElementsAre(testing::Pair("renamed", false),
                                          testing::Pair("true", true)));
}

TEST(Sideband, ForkAndExitOfGrandchildren) {
  Shared<pid_t> grandchild;
  // Inherited events have no ring of any CPU: the task records of the child
  // itself are there without.
  auto work = [&] {
    pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    *grandchild = pid;
    ::waitpid(pid, nullptr, 0);
    return 0;
  };
  MAKE_OR_SKIP(run, ChildRecords(sideband(), work));
  auto forks = run.records().of<ForkRecord>();
  ASSERT_EQ(forks.size(), 1u);
  EXPECT_EQ(forks[0].pid, static_cast<uint32_t>(*grandchild));
  EXPECT_EQ(forks[0].parent_pid, static_cast<uint32_t>(run.pid()));
  auto exits = run.records().of<ExitRecord>();
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(exits[0].pid, static_cast<uint32_t>(run.pid()));
}

TEST(Sideband, EveryRecordSaysWhenAndWhere) {
  MAKE_OR_SKIP(run, ChildRecords(sideband(), exec_true));
  ASSERT_GE(run.records().all().size(), 4u);
  uint64_t last = 0;
  for (const Record& record : run.records().all()) {
    EXPECT_EQ(record.sample_id.tid, static_cast<uint32_t>(run.pid()));
    EXPECT_GE(record.sample_id.time, last);
    last = record.sample_id.time;
    EXPECT_NE(record.sample_id.id, 0u);
    EXPECT_LT(record.sample_id.cpu, 4096u);
    EXPECT_TRUE(record.extra.empty());
  }
}

TEST(Sideband, SwitchesAlternate) {
  Shared<uint64_t> switches;
  auto work = [&] {
    *switches = sleep_often();
    return 0;
  };
  MAKE_OR_SKIP(run, ChildRecords(sideband().switch_records(), work));
  std::vector<bool> out;
  for (const Record& record : run.records().all())
    if (std::holds_alternative<formats::SwitchRecord>(record.body))
      out.push_back(record.has(RecordMisc::kSwitchOut));
  ASSERT_GE(*switches, 1u);
  EXPECT_GE(out.size(), 2 * *switches);
  EXPECT_LE(out.size(), 2 * (*switches + 5)) << "start and exit";
  for (size_t i = 1; i < out.size(); ++i) EXPECT_NE(out[i], out[i - 1]) << i;
}

TEST(Sideband, SwitchesOfACpuNameTheOtherSide) {
  OPEN_OR_SKIP(event, sideband().switch_records(), Target::all_threads_on(0));
  DataRing ring(event, 64 * page_size());
  event.enable();
  Shared<uint64_t> switches;
  Child([&] {
    run_on_cpu_0();
    *switches = sleep_often();
    return 0;
  }).finish();
  event.disable();
  Records records(ring);
  ASSERT_GE(*switches, 1u);
  EXPECT_GE(records.of<formats::SwitchCpuWideRecord>().size(), 2 * *switches);
}

TEST(Sideband, Namespaces) {
  if (!is_root()) GTEST_SKIP() << "unshare() needs root";
  Shared<ino_t> uts_inode;
  auto work = [&] {
    if (::unshare(CLONE_NEWUTS)) return 1;
    struct stat file;
    ::stat("/proc/self/ns/uts", &file);
    *uts_inode = file.st_ino;
    return 0;
  };
  MAKE_OR_SKIP(run, ChildRecords(sideband().namespace_records(), work));
  auto found = run.records().of<formats::NamespacesRecord>();
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].links.size(), 7u);
  EXPECT_EQ(found[0].links[bits(abi::NamespaceIndex::kUts)].ino, *uts_inode);
}

// Events of every CPU, for records that have no process.
class SystemWide {
 public:
  explicit SystemWide(const EventAttr& attr) {
    for (int cpu : online_cpus()) {
      events_.push_back(
          std::make_unique<Event>(attr, Target::all_threads_on(cpu)));
      rings_.push_back(
          std::make_unique<DataRing>(*events_.back(), 64 * page_size()));
      events_.back()->enable();
    }
  }
  // Keeps what there is now, in front of what of() gives.
  void drain() {
    for (auto& ring : rings_) records_.emplace_back(*ring);
  }
  template <typename Body>
  std::vector<Body> of() const {
    std::vector<Body> found;
    for (const Records& records : records_)
      for (const Body& body : records.of<Body>()) found.push_back(body);
    return found;
  }
  // Of those of a kind, which thread made them.
  template <typename Body>
  std::set<uint32_t> threads_of() const {
    std::set<uint32_t> threads;
    for (const Records& records : records_)
      for (const Record& record : records.all())
        if (std::holds_alternative<Body>(record.body))
          threads.insert(record.sample_id.tid);
    return threads;
  }

 private:
  std::vector<std::unique_ptr<Event>> events_;
  std::vector<std::unique_ptr<DataRing>> rings_;
  std::vector<Records> records_;
};

TEST(Sideband, BpfProgramsAndTheirSymbols) {
  MAKE_OR_SKIP(system, SystemWide(sideband().ksymbol_records().bpf_records()));
  LOAD_BPF_OR_SKIP(program, BPF_PROG_TYPE_SOCKET_FILTER, 1);
  auto info = program.info();
  ASSERT_TRUE(info);
  system.drain();

  int loads = 0;
  for (const auto& event : system.of<formats::BpfEventRecord>()) {
    if (event.id != info->id ||
        event.type != bits(abi::BpfEventType::kProgLoad))
      continue;
    ++loads;
    EXPECT_TRUE(std::equal(event.tag.begin(), event.tag.end(), info->tag));
  }
  EXPECT_EQ(loads, 1);
  // Those for the second CPU are too long, see size_of_fields().
  EXPECT_THAT(system.threads_of<formats::BpfEventRecord>(),
              testing::Contains(static_cast<uint32_t>(::syscall(SYS_gettid))));
  EXPECT_THAT(system.threads_of<formats::BpfEventRecord>(),
              testing::Not(testing::Contains(0u)));
  int symbols = 0;
  for (const auto& symbol : system.of<formats::KsymbolRecord>()) {
    if (!symbol.name.ends_with(std::string("_") + BpfProgram::kName)) continue;
    ++symbols;
    EXPECT_EQ(symbol.type, bits(abi::KsymbolType::kBpf));
    EXPECT_TRUE(symbol.name.starts_with("bpf_prog_"));
    EXPECT_GT(symbol.length, 0u);
  }
  if (!symbols) GTEST_SKIP() << "this kernel does not compile BPF programs";
}

// Kernel code is patched where the first user of a tracepoint switches it on.
TEST(Sideband, TextPokes) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  MAKE_OR_SKIP(system, SystemWide(sideband().text_poke_records()));
  OPEN_OR_SKIP(event, EventAttr::tracepoint("signal", "signal_generate"),
               Target::self());
  system.drain();
  auto pokes = system.of<formats::TextPokeRecord>();
  for (const auto& poke : pokes) {
    EXPECT_GE(poke.address, uint64_t{1} << 63) << "in the kernel";
    EXPECT_EQ(poke.old_bytes.size(), poke.new_bytes.size());
  }
  if (pokes.empty())
    GTEST_SKIP() << "the kernel wrote no TEXT_POKE when a tracepoint was "
                    "switched on";
}

// A probe at the entry of a kernel function patches just there.
TEST(Sideband, TextPokeOfAKprobe) {
  MAKE_OR_SKIP(system, SystemWide(sideband().text_poke_records()));
  const std::string function = kGetppid;
  const uint64_t address = kernel_address(function);
  if (!address) GTEST_SKIP() << "/proc/kallsyms does not tell " << function;
  MAKE_OR_SKIP(attr, EventAttr::kprobe(function));
  OPEN_OR_SKIP(event, attr, Target::self());
  event.enable();
  system.drain();
  int pokes = 0;
  for (const auto& poke : system.of<formats::TextPokeRecord>()) {
    if (poke.address < address || poke.address > address + 16) continue;
    ++pokes;
    EXPECT_FALSE(std::ranges::equal(poke.old_bytes, poke.new_bytes));
  }
  EXPECT_GE(pokes, 1);
}

// A cgroup of perf's hierarchy: its own (v1), or the unified one.
class NewCgroup {
 public:
  NewCgroup() : name_("/ptcap_test_" + std::to_string(::getpid())) {
    for (const char* root : {"/sys/fs/cgroup/perf_event",
                             "/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
      if (::access((std::string(root) + "/cgroup.procs").c_str(), F_OK) != 0 ||
          ::mkdir((root + name_).c_str(), 0755) != 0)
        continue;
      path_ = root + name_;
      return;
    }
  }
  NewCgroup(const NewCgroup&) = delete;
  ~NewCgroup() {
    if (!path_.empty()) ::rmdir(path_.c_str());
  }
  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }  // empty: none made

 private:
  std::string name_, path_;
};

TEST(Sideband, CgroupRecordsNameNewGroups) {
  MAKE_OR_SKIP(system, SystemWide(sideband().cgroup_records()));
  NewCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup can be made here";
  struct stat directory;
  ASSERT_EQ(::stat(cgroup.path().c_str(), &directory), 0);
  system.drain();
  int found = 0;
  for (const auto& record : system.of<formats::CgroupRecord>()) {
    if (record.path != cgroup.name()) continue;
    ++found;
    EXPECT_EQ(record.id, directory.st_ino);
  }
  EXPECT_EQ(found, 1);
}

TEST(Cgroups, CountTheirMembers) {
  NewCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup can be made here";
  int directory = ::open(cgroup.path().c_str(), O_RDONLY | O_DIRECTORY);
  std::vector<Event> events;
  try {
    for (int cpu : online_cpus())
      events.emplace_back(
          EventAttr::software(abi::SoftwareEvent::kPageFaults).user_only(),
          Target::cgroup(directory, cpu));
  } catch (const PerfError& error) {
    GTEST_SKIP() << error.what();
  }
  ::close(directory);
  for (Event& event : events) event.enable();
  auto touch = [] {
    FreshPages pages(1000);
    pages.touch(0, 1000);
    return 0;
  };
  Child member(touch), stranger(touch);
  const std::string procs = cgroup.path() + "/cgroup.procs";
  int fd = ::open(procs.c_str(), O_WRONLY);
  std::string pid = std::to_string(member.pid());
  ASSERT_EQ(::write(fd, pid.data(), pid.size()),
            static_cast<ssize_t>(pid.size()));
  ::close(fd);
  member.finish();
  stranger.finish();
  uint64_t faults = 0;
  for (const Event& event : events) faults += event.read().value;
  EXPECT_GE(faults, 1000u);
  EXPECT_LT(faults, 1500u);
}

}  // namespace
}  // namespace ptcap::bindings
