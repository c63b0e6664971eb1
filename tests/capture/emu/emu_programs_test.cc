// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Real programs, as emu_truth_test.cc has the samples; and many threads.

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "tests/capture/emu/truth_fixture.h"

namespace ptcap::capture::emu {
namespace {

class EmuPrograms : public EmuTruth {
 protected:
  EmuPrograms() {
    limits_.time = std::chrono::minutes(20);
    limits_.file_bytes = uint64_t{4} << 30;
  }

  // Skips aloud where the program is not installed.
  void expect_exact_program(const Arguments& argv) {
    if (access(argv[0].c_str(), X_OK) != 0) {
      GTEST_SKIP() << argv[0] << " is not installed";
    }
    expect_exact(argv);
  }
};

TEST_F(EmuPrograms, Bash) {
  expect_exact_program(
      {"/bin/bash", "-c",
       "trap 'echo usr1' USR1; kill -USR1 $$; for i in 1 2 3; do echo $i | "
       "sed s/1/x/; done; (exit 3); /bin/true & wait; echo `ls / | wc -l`"});
}

TEST_F(EmuPrograms, Perl) {
  expect_exact_program(
      {"/usr/bin/perl", "-e",
       "for (1..20000) { $h{$_ % 97} .= 'x' if /7/ } print join(',', map { "
       "length $h{$_} } sort keys %h), qq(\\n); print `echo sub`;"});
}

TEST_F(EmuPrograms, PythonWithThreadsAndSubprocess) {
  expect_exact_program(
      {"/usr/bin/python3", "-c",
       "import subprocess, threading\n"
       "print(subprocess.run(['/bin/echo', 'sub'], capture_output=True))\n"
       "t = [threading.Thread(target=lambda: sum(range(1000))) "
       "for _ in range(4)]\n"
       "[x.start() for x in t]; [x.join() for x in t]\n"});
}

TEST_F(EmuPrograms, Gcc) {
  const std::string source = folder_.file("hello.c");
  std::ofstream(source) << "int main(void) { return 0; }\n";
  expect_exact_program(
      {"/usr/bin/gcc", "-O1", "-c", source, "-o", folder_.file("hello.o")});
}

TEST_F(EmuPrograms, Git) {
  const std::string work = folder_.file("work");
  expect_exact_program(
      {"/usr/bin/env", "GIT_CONFIG_GLOBAL=/dev/null", "HOME=/nonexistent",
       "GIT_AUTHOR_DATE=1700000000 +0000",
       "GIT_COMMITTER_DATE=1700000000 +0000", "/bin/sh", "-ec",
       "rm -rf " + work + "; git init -q -b main " + work + "; cd " + work +
           "; git config user.name n; git config user.email e@example.org; "
           "for i in 1 2 3; do seq $i 40 >file$i; git add .; "
           "git commit -q -m \"commit $i\"; done; git gc -q; "
           "git log --stat | cat; git fsck --strict"});
}

TEST_F(EmuPrograms, Sqlite) {
  expect_exact_program(
      {"/usr/bin/sqlite3", ":memory:",
       "create table t(a,b); with recursive c(x) as (select 1 union all "
       "select x+1 from c where x<2000) insert into t select x, x*7%13 from "
       "c; select b,count(*),sum(a) from t group by b;"});
}

// Half a billion instructions, of which the machine code of scripts is a part.
TEST_F(EmuPrograms, Node) {
  expect_exact_program({"/usr/bin/node", "-e", "console.log(6 * 7)"});
}

}  // namespace
}  // namespace ptcap::capture::emu
