// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// What ptcap reads of the machine and of processes.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "capture/code_files.h"
#include "capture/error.h"
#include "capture/host_info.h"
#include "capture/output.h"
#include "capture/proc_files.h"
#include "capture/program_file.h"
#include "capture/tracee_memory.h"

namespace ptcap::capture {
namespace {

constexpr size_t kPage = 4096;

TEST(ProcFiles, ALineOfMaps) {
  const auto mapping = parse_maps_line(
      "7f0102034000-7f0102036000 r-xs 00001000 fd:02 77   /tmp/a file "
      "(deleted)");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->begin, 0x7f0102034000u);
  EXPECT_EQ(mapping->size(), 0x2000u);
  EXPECT_EQ(mapping->offset, 0x1000u);
  EXPECT_EQ(mapping->major, 0xfdu);
  EXPECT_EQ(mapping->minor, 2u);
  EXPECT_EQ(mapping->inode, 77u);
  EXPECT_TRUE(mapping->readable && mapping->executable && mapping->shared);
  EXPECT_FALSE(mapping->writable);
  EXPECT_EQ(mapping->name, "/tmp/a file (deleted)");
}

TEST(ProcFiles, MemoryWithoutNameIsAnon) {
  const auto mapping = parse_maps_line("1000-2000 rwxp 00000000 00:00 0 ");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->name, "//anon");
  EXPECT_FALSE(mapping->has_file());
  EXPECT_FALSE(parse_maps_line("2000-1000 rwxp 00000000 00:00 0"));
  EXPECT_FALSE(parse_maps_line("not a mapping"));
}

TEST(ProcFiles, KnowsThisProcess) {
  const auto status = read_status(::getpid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->pid, ::getpid());
  EXPECT_EQ(status->parent_pid, ::getppid());
  EXPECT_THAT(read_threads(::getpid()), testing::Contains(::getpid()));
  EXPECT_FALSE(read_status(-1));
  EXPECT_TRUE(read_mappings(-1).empty());
}

// The mapping that holds `address` in this process.
Mapping own_mapping(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  for (const Mapping& mapping : read_mappings(::getpid())) {
    if (mapping.begin <= at && at < mapping.end) return mapping;
  }
  return {};
}

TEST(CodeFiles, FileAndMemoryHoldTheSameCode) {
  const Mapping mapping = own_mapping(reinterpret_cast<void*>(&own_mapping));
  const std::string path = path_of_mapped_file(::getpid(), mapping);
  ASSERT_NE(path, "");
  EXPECT_FALSE(has_private_pages(::getpid(), mapping));
  uint64_t bytes_seen = 0;
  read_mapped_code(::getpid(), mapping, path,
                   [&](uint64_t address, formats::Bytes bytes) {
                     EXPECT_EQ(address, mapping.begin + bytes_seen);
                     std::vector<uint8_t> memory(bytes.size());
                     read_memory(::getpid(), address, memory);
                     EXPECT_TRUE(std::equal(memory.begin(), memory.end(),
                                            bytes.begin(), bytes.end()));
                     bytes_seen += bytes.size();
                   });
  EXPECT_EQ(bytes_seen, mapping.size());
}

TEST(CodeFiles, AWrittenPageIsSeen) {
  const Mapping code = own_mapping(reinterpret_cast<void*>(&own_mapping));
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  void* memory =
      ::mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  ::close(fd);
  ASSERT_NE(memory, MAP_FAILED);
  EXPECT_FALSE(has_private_pages(::getpid(), own_mapping(memory)));
  static_cast<volatile char*>(memory)[2 * kPage] = 1;
  EXPECT_TRUE(has_private_pages(::getpid(), own_mapping(memory)));
  ::munmap(memory, 4 * kPage);
}

TEST(TraceeMemory, ReadsUpToWhereMemoryEnds) {
  auto* memory =
      static_cast<uint8_t*>(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ::munmap(memory + 4096, 4096);
  memory[4095] = 7;
  std::array<uint8_t, 16> out = {};
  const auto last = reinterpret_cast<uintptr_t>(memory + 4095);
  EXPECT_EQ(read_memory(::getpid(), last, out), 1u);
  EXPECT_EQ(out[0], 7);
  EXPECT_EQ(read_memory(::getpid(), last + 1, out), 0u);
  const uint8_t nine = 9;
  EXPECT_TRUE(write_memory(::getpid(), last, {&nine, 1}));
  EXPECT_EQ(memory[4095], 9);
  ::munmap(memory, 4096);
}

TEST(HostInfo, TheCpuAsPerfNamesIt) {
  HostInfo host;
  parse_cpuinfo(
      "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
      "model\t\t: 94\nmodel name\t: Intel(R) Core(TM) i7\nstepping\t: 3\n\n"
      "processor\t: 1\nvendor_id\t: Other\n",
      host);
  EXPECT_EQ(host.cpu_id, "GenuineIntel,6,94,3");
  EXPECT_EQ(host.cpu_description, "Intel(R) Core(TM) i7");
}

TEST(ProgramFile, IsFoundAsAShellWould) {
  EXPECT_THAT(find_program("sh"), testing::EndsWith("/sh"));
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  const auto status_of = [](const std::string& name) {
    try {
      find_program(name);
    } catch (const CaptureError& error) {
      return error.exit_status();
    }
    return 0;
  };
  EXPECT_EQ(status_of("no-such-program"), kExitNotFound);
  EXPECT_EQ(status_of("./no-such-program"), kExitNotFound);
  EXPECT_EQ(status_of("/etc/passwd"), kExitNotExecutable);
  EXPECT_EQ(status_of("/"), kExitNotExecutable);
}

class OutputTest : public testing::Test {
 protected:
  OutputTest() {
    char name[] = "/tmp/ptcap_output_XXXXXX";
    folder_ = ::mkdtemp(name);
    before_ = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (::chdir(folder_.c_str()) != 0) ADD_FAILURE();
  }
  ~OutputTest() override {
    if (::fchdir(before_) != 0) ADD_FAILURE();
    ::close(before_);
    const int status = std::system(("rm -r " + folder_).c_str());
    EXPECT_EQ(status, 0);
  }
  static CaptureOptions running(const std::string& program) {
    CaptureOptions options;
    options.target = RunProgram{{program}};
    return options;
  }

 private:
  std::string folder_;
  int before_ = -1;
};

TEST_F(OutputTest, TakesTheNextFreeName) {
  EXPECT_EQ(open_output(running("/bin/ls")).path, "ls.ptz");
  EXPECT_EQ(open_output(running("ls")).path, "ls.1.ptz");
  EXPECT_EQ(open_output(running("ls")).path, "ls.2.ptz");
  CaptureOptions attached;
  attached.target = AttachProcess{1};
  EXPECT_EQ(open_output(attached).path, "ptcap.ptz");
}

TEST_F(OutputTest, OverwritesOnlyWithForce) {
  CaptureOptions options = running("ls");
  options.output = "mine";
  EXPECT_TRUE(open_output(options).created);
  EXPECT_THROW(open_output(options), CaptureError);
  options.force = true;
  EXPECT_FALSE(open_output(options).created);
  options.force = false;
  options.output = "/dev/null";
  EXPECT_EQ(open_output(options).path, "/dev/null");
}

TEST_F(OutputTest, DiscardRemovesOnlyWhatItCreated) {
  CaptureOptions options = running("ls");
  options.output = "mine";
  Output created = open_output(options);
  options.force = true;
  open_output(options).discard();
  EXPECT_EQ(::access("mine", F_OK), 0);
  created.discard();
  EXPECT_NE(::access("mine", F_OK), 0);
}

}  // namespace
}  // namespace ptcap::capture
