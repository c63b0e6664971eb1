// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors

#include "capture/interrupts.h"

#include <sys/time.h>

#include <atomic>
#include <iterator>

namespace ptcap::capture {
namespace {

constexpr int kNoted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr int kIgnored[] = {SIGPIPE, SIGXFSZ};
constexpr suseconds_t kTickMicroseconds = 100'000;

// One slot a signal: 0, or 1 + whether the terminal sent it. A handler may
// touch nothing but lock-free atomics.
std::atomic<int> pending[std::size(kNoted)];
static_assert(std::atomic<int>::is_always_lock_free);

void note(int signal, siginfo_t* info, void*) {
  for (size_t i = 0; i < std::size(kNoted); ++i) {
    if (kNoted[i] == signal) pending[i] = info->si_code == SI_KERNEL ? 2 : 1;
  }
}

void only_interrupt(int) {}

}  // namespace

InterruptGuard::InterruptGuard() {
  Saved* saved = saved_;
  auto replace = [&saved](int signal, const struct sigaction& action) {
    saved->signal = signal;
    sigaction(signal, &action, &saved->action);
    ++saved;
  };
  // Without SA_RESTART: blocking calls return.
  struct sigaction action = {};
  action.sa_sigaction = note;
  action.sa_flags = SA_SIGINFO;
  for (int signal : kNoted) replace(signal, action);
  action = {};
  action.sa_handler = SIG_IGN;
  for (int signal : kIgnored) replace(signal, action);
  action.sa_handler = only_interrupt;
  replace(SIGALRM, action);
  // What was ignored stays ignored (nohup, background jobs of a script).
  for (const Saved& before : saved_) {
    if (before.signal == SIGALRM) continue;
    if (before.action.sa_handler == SIG_IGN) {
      sigaction(before.signal, &before.action, nullptr);
    }
  }
  const itimerval tick = {{0, kTickMicroseconds}, {0, kTickMicroseconds}};
  setitimer(ITIMER_REAL, &tick, nullptr);
}

InterruptGuard::~InterruptGuard() {
  const itimerval off = {};
  setitimer(ITIMER_REAL, &off, nullptr);
  undo_in_child();
}

void InterruptGuard::undo_in_child() const {
  for (const Saved& before : saved_) {
    sigaction(before.signal, &before.action, nullptr);
  }
}

std::optional<Interrupt> InterruptGuard::take() {
  for (size_t i = 0; i < std::size(kNoted); ++i) {
    const int state = pending[i].exchange(0);
    if (state != 0) return Interrupt{kNoted[i], state == 2};
  }
  return std::nullopt;
}

}  // namespace ptcap::capture
