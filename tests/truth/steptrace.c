// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The truth that tests compare with: every instruction that a program and its
// children execute, by a bare PTRACE_SINGLESTEP loop. It shares no code and no
// idea with capture/, so that both are unlikely to be wrong in the same way.
//
//   steptrace [-r] [-n MAX] LOG PROGRAM [ARGS...]
//
// LOG gets a line "TID<tab>IP" (IP in hex) for each instruction completed, in
// order per thread. A `rep` instruction is one line, when it has done its last
// iteration; an instruction that faults is none, a system call is one. With a
// third field "?" the thread died in a way that leaves open whether its last
// instruction completed. Address randomisation is off, unless -r is given.
// After MAX instructions (default 20 million) everything is killed, status 124.
// Otherwise the exit status is the program's, 128+N for signal N.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMaxThreads = 4096 };

struct Thread {
  pid_t tid;        // 0: free
  bool stepping;    // resumed at `ip`; the instruction there may complete
  bool restarting;  // ...or the system call before it, which was interrupted
  uint64_t ip;
};

static struct Thread threads[kMaxThreads];
static FILE* log_file;
static long steps, max_steps = 20000000;

static void fail(const char* what) {
  perror(what);
  exit(125);  // PTRACE_O_EXITKILL ends the rest
}

static struct Thread* find_thread(pid_t tid) {
  struct Thread* unused = NULL;
  for (int i = 0; i < kMaxThreads; ++i) {
    if (threads[i].tid == tid) return &threads[i];
    if (!unused && threads[i].tid == 0) unused = &threads[i];
  }
  if (!unused) {
    fprintf(stderr, "steptrace: more than %d threads\n", kMaxThreads);
    exit(125);
  }
  *unused = (struct Thread){.tid = tid};
  return unused;
}

static void log_instruction(pid_t tid, uint64_t ip, const char* suffix) {
  fprintf(log_file, "%d\t%llx%s\n", tid, (unsigned long long)ip, suffix);
  if (++steps > max_steps) {
    fprintf(stderr, "steptrace: more than %ld instructions\n", max_steps);
    fflush(log_file);
    exit(124);
  }
}

// Whether the code at `ip` is F2/F3, perhaps among other prefixes, and a
// string instruction (SDM vol. 2, "REP/REPE/REPZ/REPNE/REPNZ").
static bool is_rep_string(pid_t tid, uint64_t ip, bool is_64_bit) {
  uint8_t code[16];
  for (int i = 0; i < 2; ++i) {
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, tid, ip + 8 * i, 0);
    if (errno != 0) word = 0;
    memcpy(code + 8 * i, &word, 8);
  }
  bool rep = false;
  int at = 0;
  for (; at < 15; ++at) {
    if (code[at] == 0xf2 || code[at] == 0xf3)
      rep = true;
    else if (!strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67", code[at]) ||
             code[at] == 0)
      break;
  }
  if (is_64_bit && (code[at] & 0xf0) == 0x40) ++at;  // REX
  uint8_t op = code[at];
  return rep && ((op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xa7) ||
                 (op >= 0xaa && op <= 0xaf));
}

// The thread stopped at `regs`, having run since it was resumed.
static void complete(struct Thread* thread,
                     const struct user_regs_struct* regs) {
  if (!thread->stepping) return;
  uint64_t ip = thread->restarting ? thread->ip - 2 : thread->ip;
  thread->stepping = false;
  bool again =
      regs->rip == ip && is_rep_string(thread->tid, ip, regs->cs == 0x33);
  if (!again) log_instruction(thread->tid, ip, "");
}

// As complete(), where an event came that may have come before the
// instruction did anything.
static void complete_if_moved(struct Thread* thread,
                              const struct user_regs_struct* regs) {
  if (thread->stepping && !thread->restarting && regs->rip != thread->ip)
    complete(thread, regs);
  thread->stepping = false;
}

// A system call that a signal interrupted, before the kernel decided whether
// it runs again (-ERESTARTSYS to -ERESTART_RESTARTBLOCK).
static bool is_interrupted_call(const struct user_regs_struct* regs) {
  int result = (int)regs->rax, call = (int)regs->orig_rax;
  return call >= 0 &&
         (result == -512 || result == -513 || result == -514 || result == -516);
}

static void resume(struct Thread* thread, const struct user_regs_struct* regs,
                   int signal) {
  thread->stepping = true;
  thread->restarting = signal != 0 && is_interrupted_call(regs);
  thread->ip = regs->rip;
  // ESRCH: killed meanwhile; its death is reported.
  if (ptrace(PTRACE_SINGLESTEP, thread->tid, 0, (long)signal) != 0 &&
      errno != ESRCH)
    fail("PTRACE_SINGLESTEP");
}

// A stop with one of PTRACE_O_*'s events.
static void handle_event(struct Thread* thread, int event,
                         const struct user_regs_struct* regs) {
  switch (event) {
    case PTRACE_EVENT_EXEC: {
      // The thread that called execve() has the process's id from here on.
      unsigned long former = 0;
      ptrace(PTRACE_GETEVENTMSG, thread->tid, 0, &former);
      struct Thread* caller = find_thread((pid_t)former);
      if (caller->stepping) log_instruction(caller->tid, caller->ip, "");
      caller->stepping = false;
      if (caller != thread) caller->tid = 0;
      thread->stepping = false;
      break;
    }
    case PTRACE_EVENT_EXIT:
      complete_if_moved(thread, regs);
      ptrace(PTRACE_CONT, thread->tid, 0, 0);
      return;
    default:  // fork, vfork, clone: inside the system call
      break;
  }
  if (ptrace(PTRACE_SINGLESTEP, thread->tid, 0, 0) != 0 && errno != ESRCH)
    fail("PTRACE_SINGLESTEP");
}

// A SIGTRAP that is no event: which one, the code tells.
static void handle_trap(struct Thread* thread, int code,
                        const struct user_regs_struct* regs) {
  switch (code) {
    case TRAP_TRACE:  // after an instruction
    case TRAP_BRKPT:  // after a system call
      complete(thread, regs);
      resume(thread, regs, 0);
      break;
    case SIGTRAP:  // ptrace_notify(): at a handler's first instruction,
    case SIGTRAP | 0x80:
      thread->stepping = false;
      resume(thread, regs, 0);
      break;
    case SI_KERNEL:  // int3, which is complete
      complete(thread, regs);
      resume(thread, regs, SIGTRAP);
      break;
    default:  // somebody sent it
      complete_if_moved(thread, regs);
      resume(thread, regs, SIGTRAP);
      break;
  }
}

static void handle_stop(pid_t tid, int status) {
  bool is_new = true;
  for (int i = 0; i < kMaxThreads; ++i) is_new &= threads[i].tid != tid;
  struct Thread* thread = find_thread(tid);
  struct user_regs_struct regs;
  if (ptrace(PTRACE_GETREGS, tid, 0, &regs) != 0) return;  // killed meanwhile
  int signal = WSTOPSIG(status), event = status >> 16;
  if (event != 0) {
    handle_event(thread, event, &regs);
    return;
  }
  siginfo_t info;
  if (ptrace(PTRACE_GETSIGINFO, tid, 0, &info) != 0) {  // stopped as a group
    thread->stepping = false;
    resume(thread, &regs, 0);
  } else if (is_new && signal == SIGSTOP) {
    resume(thread, &regs, 0);  // that is how a child starts
  } else if (signal == SIGTRAP) {
    handle_trap(thread, info.si_code, &regs);
  } else {
    complete_if_moved(thread, &regs);
    resume(thread, &regs, signal);
  }
}

static void handle_death(pid_t tid) {
  struct Thread* thread = find_thread(tid);
  // No PTRACE_EVENT_EXIT told where it stood.
  if (thread->stepping) log_instruction(tid, thread->ip, "\t?");
  thread->tid = 0;
}

static int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int trace(pid_t program) {
  int result = 125;
  for (;;) {
    int status = 0;
    pid_t tid = waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == ECHILD) return result;
    if (tid < 0) fail("waitpid");
    if (WIFSTOPPED(status)) {
      handle_stop(tid, status);
      continue;
    }
    handle_death(tid);
    if (tid == program) result = exit_status(status);
  }
}

static void run_program(char** arguments, bool randomise) {
  if (!randomise) personality(ADDR_NO_RANDOMIZE);
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  raise(SIGSTOP);
  execvp(arguments[0], arguments);
  perror(arguments[0]);
  _exit(127);
}

// Up to the program's execve(), nothing is stepped.
static void start(pid_t program) {
  int status = 0;
  if (waitpid(program, &status, 0) != program) fail("waitpid");
  long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT;
  if (ptrace(PTRACE_SETOPTIONS, program, 0, options) != 0)
    fail("PTRACE_SETOPTIONS");
  find_thread(program);
  if (ptrace(PTRACE_CONT, program, 0, 0) != 0) fail("PTRACE_CONT");
}

int main(int argc, char** argv) {
  bool randomise = false;
  for (int option; (option = getopt(argc, argv, "+rn:")) != -1;) {
    if (option == 'r') randomise = true;
    if (option == 'n') max_steps = atol(optarg);
    if (option == '?') return 125;
  }
  if (argc - optind < 2) {
    fprintf(stderr, "usage: steptrace [-r] [-n MAX] LOG PROGRAM [ARGS...]\n");
    return 125;
  }
  log_file = fopen(argv[optind], "we");
  if (!log_file) fail(argv[optind]);
  pid_t program = fork();
  if (program < 0) fail("fork");
  if (program == 0) run_program(argv + optind + 1, randomise);
  start(program);
  int status = trace(program);
  if (fclose(log_file) != 0) fail(argv[optind]);
  return status;
}
