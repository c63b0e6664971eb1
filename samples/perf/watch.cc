// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_watch: finds who writes to a variable, with a hardware breakpoint that
// raises SIGTRAP in the very instruction.

#include <signal.h>

#include "bindings/event.h"
#include "samples/perf/sample.h"

using namespace ptcap;
using namespace ptcap::bindings;

namespace {

long balance = 100;

[[gnu::noinline]] void deposit(long amount) { balance += amount; }
[[gnu::noinline]] void fee() { balance -= 1; }

volatile sig_atomic_t writes = 0;

void on_write(int, siginfo_t*, void*) { writes = writes + 1; }

void watch_balance(char**) {
  struct sigaction action = {};
  action.sa_sigaction = on_write;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGTRAP, &action, nullptr);
  Event watch(EventAttr::breakpoint(abi::BreakpointType::kW,
                                    reinterpret_cast<uint64_t>(&balance),
                                    abi::BreakpointLength::k8)
                  .user_only()
                  .period(1)
                  .sigtrap(1));
  watch.enable();
  deposit(10);
  fee();
  watch.disable();
  std::printf("balance %ld after %d writes, %ju counted\n", balance,
              static_cast<int>(writes), uintmax_t{watch.read().value});
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, "perf_watch", 0, watch_balance);
}
