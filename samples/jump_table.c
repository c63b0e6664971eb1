// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Jump tables: an interpreter with a switch, and one with computed gotos.

#include <stdio.h>

enum { kPush, kAdd, kMultiply, kSubtract, kSwap, kDuplicate, kJumpIf, kHalt };

// Counts from 40 down to 0 and leaves a number on the stack each time.
static const int kProgram[] = {
    kPush,      0,     kPush,     40,          // the loop begins at 4
    kDuplicate, kPush, 3,         kMultiply,   //
    kPush,      1,     kSubtract, kSwap,       //
    kPush,      1,     kSubtract, kDuplicate,  //
    kJumpIf,    4,     kAdd,      kHalt,
};

static long run_switch(const int* program) {
  long stack[256];
  int top = -1;
  for (const int* pc = program;;) {
    switch (*pc++) {
      case kPush:
        stack[++top] = *pc++;
        break;
      case kAdd:
        stack[top - 1] += stack[top];
        --top;
        break;
      case kMultiply:
        stack[top - 1] *= stack[top];
        --top;
        break;
      case kSubtract:
        stack[top - 1] -= stack[top];
        --top;
        break;
      case kSwap: {
        long other = stack[top];
        stack[top] = stack[top - 1];
        stack[top - 1] = other;
        break;
      }
      case kDuplicate:
        stack[top + 1] = stack[top];
        ++top;
        break;
      case kJumpIf:
        pc = stack[top--] ? program + *pc : pc + 1;
        break;
      case kHalt:
        return stack[top] + top;
      default:
        return -1;
    }
  }
}

static long run_goto(const int* program) {
  static void* const kLabels[] = {&&push, &&add,       &&multiply, &&subtract,
                                  &&swap, &&duplicate, &&jump_if,  &&halt};
  long stack[256], other;
  int top = -1;
  const int* pc = program;
#define NEXT goto* kLabels[*pc++]
  NEXT;
push:
  stack[++top] = *pc++;
  NEXT;
add:
  stack[top - 1] += stack[top];
  --top;
  NEXT;
multiply:
  stack[top - 1] *= stack[top];
  --top;
  NEXT;
subtract:
  stack[top - 1] -= stack[top];
  --top;
  NEXT;
swap:
  other = stack[top];
  stack[top] = stack[top - 1];
  stack[top - 1] = other;
  NEXT;
duplicate:
  stack[top + 1] = stack[top];
  ++top;
  NEXT;
jump_if:
  pc = stack[top--] ? program + *pc : pc + 1;
  NEXT;
halt:
  return stack[top] + top;
#undef NEXT
}

int main(void) {
  long by_switch = run_switch(kProgram), by_goto = run_goto(kProgram);
  printf("%ld %ld\n", by_switch, by_goto);
  return by_switch == by_goto ? 0 : 1;
}
