// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Returns that match no call: longjmp out of deep calls, coroutines, a return
// used as a jump, and a call that only pushes its address.

#include <setjmp.h>
#include <stdio.h>
#include <ucontext.h>

#define KEEP __attribute__((noinline, noclone))

static jmp_buf escape;
static ucontext_t main_context, coroutine;
static int yielded;

KEEP static int descend(int depth) {
  if (depth < 0) return 0;
  if (depth == 0) longjmp(escape, 1);
  int result = descend(depth - 1);
  __asm__ volatile("" : "+r"(result));
  return result + 1;
}

KEEP static int leave_from(volatile int depth) {
  if (setjmp(escape)) return depth;
  return descend(depth);
}

KEEP static void yield_from(int depth) {
  if (depth > 0) {
    yield_from(depth - 1);
    __asm__ volatile("");
    return;
  }
  ++yielded;
  swapcontext(&coroutine, &main_context);
}

static void run_coroutine(void) {
  for (int i = 0;; ++i) yield_from(i % 7);
}

// As retpolines do: the return address on the stack is replaced.
KEEP static int jump_by_return(int x) {
  __asm__ volatile(
      "call 1f\n"
      "2: ud2\n"
      "1: lea 3f(%%rip), %%rax\n"
      "mov %%rax, (%%rsp)\n"
      "ret\n"
      "3: inc %0\n"
      : "+r"(x)::"rax", "memory", "cc");
  return x;
}

// As position-independent 32-bit code does to learn its address.
KEEP static int call_next(int x) {
  __asm__ volatile(
      "call 1f\n"
      "1: pop %%rax\n"
      "inc %0\n"
      : "+r"(x)::"rax", "memory", "cc");
  return x;
}

int main(void) {
  static char stack[65536];
  volatile int sum = 0;
  for (int depth = 1; depth < 100; depth += 9) sum += leave_from(depth);
  getcontext(&coroutine);
  coroutine.uc_stack.ss_sp = stack;
  coroutine.uc_stack.ss_size = sizeof(stack);
  makecontext(&coroutine, run_coroutine, 0);
  for (int i = 0; i < 20; ++i) swapcontext(&main_context, &coroutine);
  for (int i = 0; i < 10; ++i) sum = call_next(jump_by_return(sum));
  printf("%d %d\n", sum, yielded);
  return yielded == 20 ? 0 : 1;
}
