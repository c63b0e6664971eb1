// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// logged_calls LOG: whatever bends a call stack, with a log of its calls.
// Functions are instrumented by the compiler, those marked NOT_LOGGED log by
// hand.

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/decode/calls/call_log.h"

#define KEEP __attribute__((noinline, noclone))
#define ADDRESS(f) reinterpret_cast<void*>(&(f))

// In a library, called through the PLT.
extern "C" int library_apply(int (*function)(int), int value);

namespace {

volatile int sink;

// ---------------------------------------------------------------- recursion

KEEP int fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

KEEP int odd(int n);
KEEP int even(int n) { return n == 0 ? 1 : odd(n - 1) + 0 * sink; }
KEEP int odd(int n) { return n == 0 ? 0 : even(n - 1) + 0 * sink; }

KEEP int ackermann(int m, int n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

// --------------------------------------------------------------- tail calls

#ifdef __OPTIMIZE__
NOT_LOGGED int hop_b(int n);
NOT_LOGGED int hop_end(int n) {
  log_leaving(ADDRESS(hop_end));
  return n + sink;
}
NOT_LOGGED int hop_a(int n) {
  if (n == 0) {
    log_tail(ADDRESS(hop_end));
    return hop_end(n);
  }
  log_tail(ADDRESS(hop_b));
  return hop_b(n - 1);
}
int (*volatile next_hop)(int) = hop_a;
NOT_LOGGED int hop_b(int n) {
  fibonacci(2);
  log_tail(ADDRESS(hop_a));
  return next_hop(n);  // through a register
}
KEEP int tail_calls() {
  int sum = 0;
  for (int i = 0; i < 4; ++i) {
    log_entered(ADDRESS(hop_a));
    sum += hop_a(i);
  }
  return sum;
}
#endif

// ------------------------------------------------------------------ longjmp

std::jmp_buf landing;

KEEP void jump_back() { std::longjmp(landing, 1); }

// One of the levels waits for a jump to itself. (Were it all of them, the flow
// alone would not tell which one a jump went to.)
KEEP int nest(int level, int target) {
  if (level == target) {
    const volatile unsigned depth = log_depth();
    if (setjmp(landing) != 0) {
      log_landed(depth);
      return level + fibonacci(2);
    }
  }
  if (level == 7) jump_back();
  return nest(level + 1, target) + 1;
}

// --------------------------------------------------------------- exceptions

struct Guard {
  ~Guard() { sink = sink + fibonacci(1); }
};

KEEP void thrower(int n) {
  Guard guard;
  if (n == 0) throw std::runtime_error("here");
  thrower(n - 1);
}

KEEP int catcher(int n) {
  try {
    thrower(n);
  } catch (const std::exception& error) {
    return static_cast<int>(std::string(error.what()).size());
  }
  return 0;
}

KEEP int rethrow(int n) {
  try {
    try {
      thrower(n);
    } catch (const std::exception&) {
      fibonacci(2);
      throw;
    }
  } catch (const std::runtime_error&) {
    return 1;
  }
  return 0;
}

// One of several activations has the try block, and none has a destructor.
NOT_LOGGED int climb(int n, int wanted) {
  log_entered(ADDRESS(climb));
  if (n == 0) throw n;
  int result;
  if (n == wanted) {
    const unsigned depth = log_depth();
    try {
      result = climb(n - 1, wanted);
    } catch (int) {
      log_landed(depth);
      result = n;
    }
  } else {
    result = climb(n - 1, wanted) + 1;
  }
  log_leaving(ADDRESS(climb));
  return result;
}

// ------------------------------------------------------------------ signals

sigjmp_buf escape;
volatile sig_atomic_t handled;

KEEP void on_signal(int number) {
  handled = handled + fibonacci(2);
  if (number == SIGUSR1) raise(SIGUSR2);
}

KEEP void on_signal_leave(int /*number*/) { siglongjmp(escape, 1); }

KEEP int signals() {
  signal(SIGUSR1, on_signal);
  signal(SIGUSR2, on_signal);
  signal(SIGSEGV, on_signal_leave);
  for (int i = 0; i < 3; ++i) raise(SIGUSR1);
  for (int i = 0; i < 3; ++i) {
    const volatile unsigned depth = log_depth();
    if (sigsetjmp(escape, 1) == 0) {
      volatile int* volatile nowhere = nullptr;
      sink = *nowhere;
    } else {
      log_landed(depth);
    }
  }
  return handled;
}

// ---------------------------------------------------------------- libraries

KEEP int callback(int n) { return fibonacci(n % 3); }

KEEP int compare(const void* a, const void* b) {
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

KEEP int libraries() {
  int values[] = {5, 3, 9, 1, 7};
  qsort(values, 5, sizeof(int), compare);
  return library_apply(callback, 3) + library_apply(callback, 4) + values[0];
}

KEEP void work(int n) {
  sink = fibonacci(n);
  sink = catcher(n);
}

KEEP void threads() {
  std::vector<std::thread> all;
  for (int i = 0; i < 3; ++i) all.emplace_back(work, 3 + i);
  for (std::thread& thread : all) thread.join();
}

KEEP int run() {
  int sum = fibonacci(6) + even(7) + ackermann(2, 2);
#ifdef __OPTIMIZE__
  sum += tail_calls();
#endif
  for (int target = 0; target < 8; target += 3) sum += nest(0, target);
  for (int n = 0; n < 4; ++n) sum += catcher(n) + rethrow(n);
  for (int wanted = 1; wanted < 5; ++wanted) sum += climb(5, wanted);
  sum += signals();
  sum += libraries();
  threads();
  return sum;
}

}  // namespace

NOT_LOGGED int main(int argc, char** argv) {
  const int sum = run();
  if (argc > 1) log_write(argv[1]);
  std::printf("%d\n", sum);
  return 0;
}
