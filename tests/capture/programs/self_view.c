// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Prints what a program can see of being stepped; a test compares the output
// with that of an untraced run.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <sys/syscall.h>
#endif

static volatile sig_atomic_t traps;
static volatile int last_code;

static void on_trap(int signal, siginfo_t* info, void* context) {
  (void)signal;
  (void)context;
  ++traps;
  last_code = info->si_code;
}

static void handle_trap(void) {
  struct sigaction action = {0};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, NULL);
}

static int is_blocked(int signal) {
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  return sigismember(&now, signal);
}

static void raised_traps(void) {
  handle_trap();
  raise(SIGTRAP);
  printf("raise: %d traps, code %d\n", traps, last_code);
  __asm__ volatile("int3");
  printf("int3: %d traps, code %d\n", traps, last_code);
  kill(getpid(), SIGTRAP);
  printf("kill: %d traps, code %d\n", traps, last_code);
}

static void blocked_trap(void) {
  sigset_t all, old;
  sigfillset(&all);
  traps = 0;
  sigprocmask(SIG_SETMASK, &all, &old);
  raise(SIGTRAP);
  for (volatile int i = 0; i < 10; ++i) {
  }
  sigset_t pending;
  sigpending(&pending);
  printf("blocked: %d, pending %d, %d traps\n", is_blocked(SIGTRAP),
         sigismember(&pending, SIGTRAP), traps);
  sigprocmask(SIG_SETMASK, &old, NULL);
  printf("unblocked: %d, %d traps, code %d\n", is_blocked(SIGTRAP), traps,
         last_code);
  struct sigaction now;
  sigaction(SIGTRAP, NULL, &now);
  printf("handler kept: %d\n", now.sa_sigaction == on_trap);
}

static int seen_in_handler;
static void on_usr1(int signal) {
  (void)signal;
  seen_in_handler = is_blocked(SIGTRAP);
}

static void mask_in_handler(void) {
  struct sigaction action = {0};
  action.sa_handler = on_usr1;
  sigaddset(&action.sa_mask, SIGTRAP);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  printf("in handler: blocked %d; behind it %d\n", seen_in_handler,
         is_blocked(SIGTRAP));
  sigset_t trap;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  sigprocmask(SIG_BLOCK, &trap, NULL);
  raise(SIGUSR1);
  printf("behind a handler: blocked %d\n", is_blocked(SIGTRAP));
  sigprocmask(SIG_UNBLOCK, &trap, NULL);
}

static void ignored_trap(void) {
  signal(SIGTRAP, SIG_IGN);
  for (volatile int i = 0; i < 10; ++i) {
  }
  raise(SIGTRAP);
  struct sigaction now;
  sigaction(SIGTRAP, NULL, &now);
  printf("ignored: %d\n", now.sa_handler == SIG_IGN);
  if (fork() == 0) {
    raise(SIGTRAP);
    _exit(4);
  }
  int status;
  wait(&status);
  printf("child of it: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

// A program that steps itself.
static void own_trap_flag(void) {
  handle_trap();
  traps = 0;
#ifdef __x86_64__
  __asm__ volatile(
      "pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop\n nop\n"
      "pushfq\n andq $~0x100, (%%rsp)\n popfq\n nop\n" ::
          : "memory", "cc");
#else
  __asm__ volatile(
      "pushfl\n orl $0x100, (%%esp)\n popfl\n nop\n nop\n nop\n"
      "pushfl\n andl $~0x100, (%%esp)\n popfl\n nop\n" ::
          : "memory", "cc");
#endif
  printf("own trap flag: %d traps, code %d\n", traps, last_code);
}

static void pushed_flags(void) {
  unsigned long flags;
#ifdef __x86_64__
  __asm__ volatile("pushfq\n popq %0" : "=r"(flags));
#else
  __asm__ volatile("pushfl\n popl %0" : "=r"(flags));
#endif
  printf("trap flag seen: %d\n", (flags >> 8 & 1) != 0);
#ifdef __x86_64__
  unsigned long r11;
  __asm__ volatile("syscall\n movq %%r11, %0"
                   : "=r"(r11)
                   : "a"(SYS_getpid)
                   : "rcx", "r11", "memory");
  printf("trap flag in r11: %d\n", (r11 >> 8 & 1) != 0);
#endif
}

static void shadowed(void) {
  unsigned short ss;
  int counted = 0;
  __asm__ volatile("mov %%ss, %0" : "=r"(ss));
  for (int i = 0; i < 3; ++i) {
    __asm__ volatile("mov %1, %%ss\n incl %0" : "+r"(counted) : "r"(ss));
    __asm__ volatile("mov %1, %%ss\n jmp 1f\n incl %0\n 1: incl %0"
                     : "+r"(counted)
                     : "r"(ss));
  }
  printf("behind mov ss: %d\n", counted);
}

static void affinity(void) {
  cpu_set_t all, before, after;
  sched_getaffinity(0, sizeof before, &before);
  printf("cpus: %d, online %ld\n", CPU_COUNT(&before),
         sysconf(_SC_NPROCESSORS_ONLN));
  all = before;
  sched_setaffinity(0, sizeof all, &all);
  sched_getaffinity(0, sizeof after, &after);
  printf("affinity kept: %d\n", CPU_EQUAL(&before, &after));
  if (fork() == 0) {
    sched_getaffinity(0, sizeof after, &after);
    _exit(CPU_COUNT(&after));
  }
  int status;
  wait(&status);
  printf("child's cpus: %d\n", WEXITSTATUS(status));
}

static sigjmp_buf escape;
static void on_alarm(int signal) {
  (void)signal;
  siglongjmp(escape, 1);
}

static void suspended(void) {
  struct sigaction action = {0};
  action.sa_handler = on_usr1;
  sigaction(SIGUSR2, &action, NULL);
  sigset_t block, wait_mask;
  sigemptyset(&block);
  sigaddset(&block, SIGUSR2);
  sigaddset(&block, SIGTRAP);
  sigprocmask(SIG_BLOCK, &block, &wait_mask);
  raise(SIGUSR2);
  const int result = sigsuspend(&wait_mask);
  printf("sigsuspend: %d, blocked behind it %d %d\n", result,
         is_blocked(SIGUSR2), is_blocked(SIGTRAP));
  sigprocmask(SIG_SETMASK, &wait_mask, NULL);
  signal(SIGALRM, on_alarm);
  if (sigsetjmp(escape, 1) == 0) {
    alarm(1);
    for (;;) pause();
  }
  puts("out of pause");
}

int main(void) {
  raised_traps();
  blocked_trap();
  mask_in_handler();
  ignored_trap();
  own_trap_flag();
  pushed_flags();
  shadowed();
  affinity();
  suspended();
  return 0;
}
