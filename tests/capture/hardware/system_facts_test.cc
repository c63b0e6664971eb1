// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/hardware/system_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bindings/fake_kernel.h"

namespace ptcap::capture {
namespace {

using testing::HasSubstr;

class SystemFactsTest : public testing::Test {
 protected:
  SystemFact fact(const std::string& name) {
    for (SystemFact& fact : read_system_facts(kernel_)) {
      if (fact.name == name) return fact;
    }
    ADD_FAILURE() << "no fact " << name;
    return {};
  }

  bindings::FakeKernel kernel_;
};

TEST_F(SystemFactsTest, AnOrdinaryUserBehindParanoia) {
  kernel_.files["/proc/self/status"] =
      "Name:\tptcap\nCapEff:\t0000000000000000\nSeccomp:\t2\n";
  kernel_.files["/proc/sys/kernel/perf_event_paranoid"] = "3";
  EXPECT_THAT(fact("perf_event_paranoid").advice, HasSubstr("sysctl"));
  EXPECT_THAT(fact("seccomp").advice, HasSubstr("PERFMON"));
  EXPECT_EQ(fact("intel_pt").value, "none");
}

TEST_F(SystemFactsTest, WithPerfmonParanoiaDoesNotMatter) {
  kernel_.files["/proc/self/status"] =
      "Name:\tptcap\nCapEff:\t0000004000000000\nSeccomp:\t0\n";
  kernel_.files["/proc/sys/kernel/perf_event_paranoid"] = "3";
  EXPECT_EQ(fact("perf_event_paranoid").advice, "");
  EXPECT_EQ(fact("locked memory").value, "not limited");
  EXPECT_EQ(fact("seccomp").value, "no filter");
}

TEST_F(SystemFactsTest, AVirtualIntelMachineNeedsItsHost) {
  kernel_.files["/proc/cpuinfo"] =
      "vendor_id : GenuineIntel\nflags : fpu hypervisor lahf_lm\n";
  EXPECT_EQ(fact("machine").value, "Intel, a virtual machine");
  EXPECT_THAT(fact("machine").advice, HasSubstr("pt_mode"));
}

TEST_F(SystemFactsTest, LockdownIsTheModeInBrackets) {
  kernel_.files["/sys/kernel/security/lockdown"] =
      "none [integrity] confidentiality";
  EXPECT_EQ(fact("lockdown").value, "integrity");
}

}  // namespace
}  // namespace ptcap::capture
