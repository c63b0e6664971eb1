// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The records about processes, from the kernel that runs here: what a tracer
// builds its picture of address spaces from.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "bindings/pmu.h"
#include "tests/bindings/linux_support.h"

namespace ptcap::bindings {
namespace {

using abi::RecordMisc;
using formats::CommRecord;
using formats::ExitRecord;
using formats::ForkRecord;
using formats::Mmap2Record;
using formats::Record;
using testing::EndsWith;

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

#define RECORD_OR_SKIP(run, attr, work)      \
  std::optional<ChildRecords> run##_or_none; \
  try {                                      \
    run##_or_none.emplace(attr, work);       \
  } catch (const PerfError& error) {         \
    GTEST_SKIP() << error.what();            \
  }                                          \
  [[maybe_unused]] ChildRecords& run = *run##_or_none

EventAttr sideband() { return EventAttr::dummy().user_only().sideband(); }

int exec_true() {
  ::execl("/bin/true", "true", nullptr);
  return 98;
}

TEST(Sideband, ExecMapsTheProgramByInode) {
  RECORD_OR_SKIP(run, sideband(), exec_true);
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
  RECORD_OR_SKIP(run, sideband().build_ids(), exec_true);
  int with_build_id = 0;
  for (const auto& mmap : run.records().of<Mmap2Record>())
    if (mmap.filename.ends_with("/true") && mmap.build_id)
      with_build_id += mmap.build_id->size() == 20;
  EXPECT_EQ(with_build_id, 1);
}

TEST(Sideband, CommOfExecAndOfPrctl) {
  RECORD_OR_SKIP(run, sideband(), [] {
    ::prctl(PR_SET_NAME, "renamed");
    return exec_true();
  });
  std::vector<std::pair<std::string, bool>> comms;
  for (const Record& record : run.records().all())
    if (auto* comm = std::get_if<CommRecord>(&record.body))
      comms.emplace_back(comm->comm, record.has(RecordMisc::kCommExec));
  EXPECT_THAT(comms, testing::ElementsAre(testing::Pair("renamed", false),
                                          testing::Pair("true", true)));
}

TEST(Sideband, ForkAndExitOfGrandchildren) {
  static int* grandchild =
      static_cast<int*>(::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  // Inherited events have no ring of any CPU: the task records of the child
  // itself are there without.
  RECORD_OR_SKIP(run, sideband(), [] {
    pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    *grandchild = pid;
    ::waitpid(pid, nullptr, 0);
    return 0;
  });
  auto forks = run.records().of<ForkRecord>();
  ASSERT_EQ(forks.size(), 1u);
  EXPECT_EQ(forks[0].pid, static_cast<uint32_t>(*grandchild));
  EXPECT_EQ(forks[0].parent_pid, static_cast<uint32_t>(run.pid()));
  auto exits = run.records().of<ExitRecord>();
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(exits[0].pid, static_cast<uint32_t>(run.pid()));
}

TEST(Sideband, EveryRecordSaysWhenAndWhere) {
  RECORD_OR_SKIP(run, sideband(), exec_true);
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
  RECORD_OR_SKIP(run, sideband().switch_records(), [] {
    for (int i = 0; i < 20; ++i) ::usleep(100);
    return 0;
  });
  std::vector<bool> out;
  for (const Record& record : run.records().all())
    if (std::holds_alternative<formats::SwitchRecord>(record.body))
      out.push_back(record.has(RecordMisc::kSwitchOut));
  ASSERT_GE(out.size(), 40u);
  for (size_t i = 1; i < out.size(); ++i) EXPECT_NE(out[i], out[i - 1]) << i;
}

TEST(Sideband, SwitchesOfACpuNameTheOtherSide) {
  OPEN_OR_SKIP(event, sideband().switch_records(), Target::all_threads_on(0));
  DataRing ring(event, 64 * page_size());
  event.enable();
  Child([] {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    ::sched_setaffinity(0, sizeof(first), &first);
    for (int i = 0; i < 20; ++i) ::usleep(100);
    return 0;
  }).finish();
  event.disable();
  Records records(ring);
  EXPECT_GE(records.of<formats::SwitchCpuWideRecord>().size(), 40u);
}

TEST(Sideband, Namespaces) {
  if (!is_root()) GTEST_SKIP() << "unshare() needs root";
  static ino_t* uts_inode =
      static_cast<ino_t*>(::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  RECORD_OR_SKIP(run, sideband().namespace_records(), [] {
    if (::unshare(CLONE_NEWUTS)) return 1;
    struct stat file;
    ::stat("/proc/self/ns/uts", &file);
    *uts_inode = file.st_ino;
    return 0;
  });
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
  template <typename Body, typename Visit>
  void for_each(Visit&& visit) {
    for (auto& ring : rings_) {
      Records records(*ring);
      for (const Body& body : records.of<Body>()) visit(body);
    }
  }

 private:
  std::vector<std::unique_ptr<Event>> events_;
  std::vector<std::unique_ptr<DataRing>> rings_;
};

TEST(Sideband, BpfProgramsAndTheirSymbols) {
  std::optional<SystemWide> system;
  try {
    system.emplace(sideband().ksymbol_records().bpf_records());
  } catch (const PerfError& error) {
    GTEST_SKIP() << error.what();
  }
  const bpf_insn program[] = {{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1},
                              {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  bpf_attr attr = {};
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insns = reinterpret_cast<uintptr_t>(program);
  attr.insn_cnt = 2;
  attr.license = reinterpret_cast<uintptr_t>("GPL");
  std::strcpy(attr.prog_name, "ptcap_test");
  long fd = ::syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
  if (fd < 0) GTEST_SKIP() << "bpf(): " << std::strerror(errno);
  bpf_prog_info info = {};
  attr = {};
  attr.info.bpf_fd = static_cast<uint32_t>(fd);
  attr.info.info_len = sizeof(info);
  attr.info.info = reinterpret_cast<uintptr_t>(&info);
  ASSERT_EQ(::syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)),
            0);
  ::close(static_cast<int>(fd));

  int loads = 0, symbols = 0;
  system->for_each<formats::BpfEventRecord>([&](const auto& event) {
    if (event.id != info.id || event.type != bits(abi::BpfEventType::kProgLoad))
      return;
    ++loads;
    EXPECT_TRUE(std::equal(event.tag.begin(), event.tag.end(), info.tag));
  });
  EXPECT_EQ(loads, 1);
  // Drained with the above, where the kernel has a JIT: load another program.
  SystemWide again(sideband().ksymbol_records());
  attr = {};
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insns = reinterpret_cast<uintptr_t>(program);
  attr.insn_cnt = 2;
  attr.license = reinterpret_cast<uintptr_t>("GPL");
  std::strcpy(attr.prog_name, "ptcap_test");
  fd = ::syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
  again.for_each<formats::KsymbolRecord>([&](const auto& symbol) {
    if (!symbol.name.ends_with("_ptcap_test")) return;
    ++symbols;
    EXPECT_EQ(symbol.type, bits(abi::KsymbolType::kBpf));
    EXPECT_TRUE(symbol.name.starts_with("bpf_prog_"));
    EXPECT_GT(symbol.length, 0u);
  });
  ::close(static_cast<int>(fd));
  if (!symbols) GTEST_SKIP() << "this kernel does not compile BPF programs";
}

// Kernel code is patched where the first user of a tracepoint switches it on.
TEST(Sideband, TextPokes) {
  if (!mount_tracefs()) GTEST_SKIP() << "tracefs cannot be mounted";
  std::optional<SystemWide> system;
  try {
    system.emplace(sideband().text_poke_records());
  } catch (const PerfError& error) {
    GTEST_SKIP() << error.what();
  }
  OPEN_OR_SKIP(event, EventAttr::tracepoint("signal", "signal_generate"),
               Target::self());
  int pokes = 0;
  system->for_each<formats::TextPokeRecord>([&](const auto& poke) {
    ++pokes;
    EXPECT_GE(poke.address, uint64_t{1} << 63) << "in the kernel";
    EXPECT_EQ(poke.old_bytes.size(), poke.new_bytes.size());
  });
  if (!pokes)
    GTEST_SKIP() << "the kernel wrote no TEXT_POKE when a tracepoint was "
                    "switched on";
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
  std::optional<SystemWide> system;
  try {
    system.emplace(sideband().cgroup_records());
  } catch (const PerfError& error) {
    GTEST_SKIP() << error.what();
  }
  NewCgroup cgroup;
  if (cgroup.path().empty()) GTEST_SKIP() << "no cgroup can be made here";
  struct stat directory;
  ASSERT_EQ(::stat(cgroup.path().c_str(), &directory), 0);
  int found = 0;
  system->for_each<formats::CgroupRecord>([&](const auto& record) {
    if (record.path != cgroup.name()) return;
    ++found;
    EXPECT_EQ(record.id, directory.st_ino);
  });
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
