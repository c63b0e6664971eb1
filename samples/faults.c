// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Faults and traps: resumed after the cause is gone, skipped by the handler,
// left by siglongjmp. SIGSEGV (data and fetch), SIGBUS, SIGFPE, SIGILL (ud2),
// SIGTRAP (int3).

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __x86_64__
#define IP REG_RIP
#else
#define IP REG_EIP
#endif

enum { kPage = 4096 };

static sigjmp_buf escape;
static volatile char* guarded;
static volatile sig_atomic_t resumed, skipped, left, traps;

static void on_fault(int signal, siginfo_t* info, void* context) {
  ucontext_t* user = context;
  if (info->si_addr == guarded && signal == SIGSEGV) {
    ++resumed;
    mprotect((void*)guarded, kPage, PROT_READ | PROT_WRITE);
  } else if (signal == SIGILL || signal == SIGFPE) {
    ++skipped;  // ud2 and "div ecx" have two bytes each
    user->uc_mcontext.gregs[IP] += 2;
  } else if (signal == SIGTRAP) {
    ++traps;
  } else {
    ++left;
    siglongjmp(escape, 1);
  }
}

static void touch_guarded(void) {
  mprotect((void*)guarded, kPage, PROT_NONE);
  *guarded = 1;
}

static void divide_by_zero(void) {
  unsigned low = 1, high = 0, zero = 0;
  __asm__ volatile("div %2" : "+a"(low), "+d"(high) : "c"(zero));
}

static void call_nowhere(void) {
  void (*volatile nowhere)(void) = (void (*)(void))16;
  if (sigsetjmp(escape, 1) == 0) nowhere();
}

static void call_data(void) {
  static int not_code;
  void (*volatile data)(void) = (void (*)(void))(uintptr_t)&not_code;
  if (sigsetjmp(escape, 1) == 0) data();
}

static void read_behind_file(void) {
  FILE* file = tmpfile();
  volatile char* map =
      mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, fileno(file), 0);
  if (sigsetjmp(escape, 1) == 0) (void)*map;
  munmap((void*)map, kPage);
  fclose(file);
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_sigaction = on_fault;
  // Single-stepping needs SIGTRAP unblocked: the kernel resets its handler when
  // a step ends while it is blocked.
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i)
    sigaction(signals[i], &action, NULL);
  guarded = mmap(NULL, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  for (int i = 0; i < 3; ++i) {
    touch_guarded();
    divide_by_zero();
    __asm__ volatile("ud2");
    __asm__ volatile("int3");
    call_nowhere();
    call_data();
    read_behind_file();
  }
  printf("%d resumed, %d skipped, %d traps, %d left\n", (int)resumed,
         (int)skipped, (int)traps, (int)left);
  return resumed == 3 && skipped == 6 && traps == 3 && left == 9 ? 0 : 1;
}
