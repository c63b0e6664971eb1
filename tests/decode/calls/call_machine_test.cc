// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// The call stack, step by step: a small language for the flow, and the calls
// that are made of it as one line.

#include "decode/calls/call_machine.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "decode/calls/function_counts.h"

namespace ptcap::decode {
namespace {

// Functions a, b, c... of 0x100 bytes each at 0x1000, 0x1100...; "p@plt" at
// 0x8000 and what has no symbol in the same module behind it; a library's
// function without symbol at 0x9000.
class Alphabet : public FunctionMap {
 public:
  FunctionPart at(uint64_t ip, uint64_t /*time_ns*/) override {
    if (ip >= 0x1000 && ip < 0x1000 + 26 * 0x100) {
      const uint64_t begin = ip & ~uint64_t{0xff};
      const char letter = static_cast<char>('a' + (begin - 0x1000) / 0x100);
      if (letter == 'x') {  // the cold part of a
        return {&named("main", "a"), begin, begin + 0x100, true, true};
      }
      const std::string name = letter == 's'   ? "setjmp"
                               : letter == 'q' ? "_start"
                                               : std::string(1, letter);
      return {&named("main", name), begin, begin + 0x100, false, true};
    }
    if (ip >= 0x8000 && ip < 0x8010) {
      return {&named("main", "p@plt"), 0x8000, 0x8010, false, true};
    }
    return {&named(ip >= 0x9000 ? "lib" : "main", ""), ip, ip + 1, false,
            false};
  }

  std::optional<uint64_t> landing_pad(uint64_t return_to,
                                      uint64_t /*time_ns*/) override {
    const auto at = pads.find(return_to);
    if (at == pads.end()) return std::nullopt;
    return at->second;
  }
  std::map<uint64_t, uint64_t> pads;

 private:
  const Function& named(const char* module, const std::string& name) {
    return seen_.intern(module, name);
  }
  SeenFunctions seen_;
};

// "(a(b)(c!))": each call in brackets, ! unwound, ~ by a tail call, * cut,
// ? resumed, S signal, ... at the end still open.
class Drawing : public CallSink {
 public:
  void enter(const Call& call) override {
    text += '(';
    EXPECT_EQ(call.function == nullptr, call.cause != FlowCause::kNone);
    text += call.function == nullptr      ? "off"
            : call.function->name.empty() ? "unnamed"
                                          : call.function->name;
    if (call.kind == CallKind::kResumed) text += '?';
    if (call.kind == CallKind::kSignal) text += 'S';
    if (call.kind == CallKind::kTail) text += '~';
    EXPECT_EQ(call.depth, depth++);
  }
  void leave(const Call& call) override {
    if (call.end == CallEnd::kUnwound) text += '!';
    if (call.end == CallEnd::kOpen) text += "...";
    if (call.end == CallEnd::kExec) text += "exec";
    if (call.cut && call.kind != CallKind::kResumed) text += '*';
    text += ')';
    --depth;
    insns += call.self_insns;
    last = call;
  }
  void gap(uint64_t /*time_ns*/, FlowCause /*cause*/) override { text += '|'; }

  std::string text;
  uint32_t depth = 0;
  uint64_t insns = 0;
  Call last;
};

class CallMachineTest : public testing::Test {
 protected:
  static uint64_t ip(char function, uint64_t offset = 0) {
    return 0x1000 + static_cast<uint64_t>(function - 'a') * 0x100 + offset;
  }

  // One instruction at `from`, 4 bytes long, and where it leads.
  void branch(BranchClass kind, uint64_t from) {
    FlowItem item;
    item.begin = item.last = from;
    item.end = from + 4;
    item.ninsn = 1;
    item.branch = kind;
    item.time = ++time_;
    machine_.add({&item, 1});
  }
  void call(uint64_t from) { branch(BranchClass::kCall, from); }
  void ret(uint64_t from) { branch(BranchClass::kReturn, from); }
  void jump(uint64_t from) { branch(BranchClass::kIndirectJump, from); }
  void plain(uint64_t at) { branch(BranchClass::kNone, at); }

  void event(FlowKind kind, FlowCause cause, uint64_t from, uint64_t to) {
    FlowItem item;
    item.kind = kind;
    item.cause = cause;
    item.from = from;
    item.has_from = from != 0;
    item.to = to;
    item.has_to = to != 0;
    item.time = ++time_;
    machine_.add({&item, 1});
  }
  void on(uint64_t to) { event(FlowKind::kOn, FlowCause::kNone, 0, to); }
  void syscall(uint64_t from) {
    branch(BranchClass::kSyscall, from);
    event(FlowKind::kOff, FlowCause::kSyscall, from, 0);
  }
  void interrupted(uint64_t at) {
    event(FlowKind::kOff, FlowCause::kAsync, at, 0);
  }
  void gap(uint64_t to) { event(FlowKind::kGap, FlowCause::kOverflow, 0, to); }

  std::string calls() {
    machine_.finish();
    EXPECT_EQ(drawing_.depth, 0u);
    return drawing_.text;
  }

  Alphabet functions_;
  Drawing drawing_;
  CallMachine machine_{functions_, drawing_};
  uint64_t time_ = 0;
};

TEST_F(CallMachineTest, CallsAndReturnsNest) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 4));
  ret(ip('c'));
  ret(ip('b', 8));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(c))...)");
  EXPECT_EQ(drawing_.insns, 5u);
  EXPECT_EQ(drawing_.last.total_insns, 5u);
  EXPECT_EQ(drawing_.last.self_insns, 2u);
}

TEST_F(CallMachineTest, ATailCallTakesThePlaceOfItsCaller) {
  on(ip('a'));
  call(ip('a', 8));
  jump(ip('b', 4));
  ret(ip('c', 0));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b)(c~)...)");
}

TEST_F(CallMachineTest, AJumpWithinAFunctionAndToItsColdPartIsNoCall) {
  on(ip('z'));
  call(ip('z', 0));
  jump(ip('a', 0));
  jump(ip('x', 0));
  jump(ip('a', 0x20));
  ret(ip('x', 8));
  plain(ip('z', 4));
  EXPECT_EQ(calls(), "(z?(a)...)");
}

TEST_F(CallMachineTest, ACallOfTheNextInstructionIsNone) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));
  plain(ip('b', 4));
  ret(ip('b', 8));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b)...)");
}

TEST_F(CallMachineTest, ARetpolineIsATailCall) {
  on(ip('a'));
  call(ip('a', 8));    // the thunk
  call(ip('t', 0));    // within it
  ret(ip('t', 0x20));  // to c, which was written over the return address
  ret(ip('c', 0));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(t)(c~)...)");
}

TEST_F(CallMachineTest, APltStubIsItsFunction) {
  on(ip('a'));
  call(ip('a', 8));
  jump(0x8000);
  ret(ip('c', 0));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(c)...)");
}

TEST_F(CallMachineTest, LazyBindingIsSeenAndLeadsToTheFunction) {
  on(ip('a'));
  call(ip('a', 8));
  jump(0x8000);
  jump(0x8020);      // the PLT's head, without a name
  call(ip('r', 0));  // the resolver calls the fixup
  ret(ip('f', 0));
  jump(ip('r', 4));
  ret(ip('c', 0));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(r(f))(c~)...)");
}

TEST_F(CallMachineTest, AFunctionOfAnotherModuleWithoutNameIsCalled) {
  on(ip('a'));
  call(ip('a', 8));
  jump(0x8000);
  ret(0x9000);
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(unnamed)...)");
}

TEST_F(CallMachineTest, LongjmpGoesToWhoCalledSetjmp) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));  // setjmp, by the first b
  ret(ip('s', 0));
  call(ip('b', 4));  // b again, which does not call it
  call(ip('b', 0));
  jump(ip('j', 0));  // longjmp
  ret(ip('b', 4));   // where setjmp returned
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(setjmp)(b(j!)!))...)");
}

TEST_F(CallMachineTest, AnExceptionLandsInAnOuterFunction) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));
  call(ip('c', 0));
  ret(ip('u', 0));     // the unwinder returns...
  ret(ip('b', 0x40));  // ...to a landing pad
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(c(u!)!))...)");
}

TEST_F(CallMachineTest, AnExceptionLandsWhereTheUnwindTablesSay) {
  functions_.pads = {{ip('b', 4), ip('b', 0x40)}, {ip('b', 0x24), 0}};
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));  // within the try block
  jump(ip('b', 0));
  call(ip('b', 0x20));  // outside of it
  ret(ip('u', 0));
  ret(ip('b', 0x40));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(b(u!)!))...)");
}

TEST_F(CallMachineTest, AReturnToAnOuterCallerUnwinds) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));
  ret(ip('c', 0));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(c!))...)");
}

TEST_F(CallMachineTest, ASystemCallIsAStretchWithoutTrace) {
  on(ip('a'));
  syscall(ip('a', 4));
  on(ip('a', 8));
  plain(ip('a', 8));
  EXPECT_EQ(calls(), "(a?(off)...)");
  EXPECT_EQ(drawing_.last.off_ns, 1u);
}

TEST_F(CallMachineTest, ASignalHandlerEndsWithSigreturn) {
  on(ip('a'));
  plain(ip('a', 0));
  interrupted(ip('a', 4));
  on(ip('h'));
  ret(ip('h', 0));
  syscall(ip('r', 0));  // what the kernel made it return to
  on(ip('a', 4));
  plain(ip('a', 4));
  EXPECT_EQ(calls(), "(a?(off)(hS(off))...)");
}

TEST_F(CallMachineTest, ASignalBehindASystemCallMayRestartIt) {
  on(ip('a'));
  syscall(ip('a', 4));
  on(ip('h'));
  ret(ip('h', 0));
  syscall(ip('r', 0));
  on(ip('a', 4));
  syscall(ip('a', 4));
  on(ip('a', 8));
  plain(ip('a', 8));
  EXPECT_EQ(calls(), "(a?(off)(hS(off))(off)...)");
}

TEST_F(CallMachineTest, TheNextSignalMayComeBeforeTheFirstOneReturns) {
  on(ip('a'));
  plain(ip('a', 0));
  interrupted(ip('a', 4));
  on(ip('h'));
  ret(ip('h', 0));
  syscall(ip('r', 0));
  on(ip('i'));
  ret(ip('i', 0));
  syscall(ip('r', 0));
  on(ip('a', 4));
  plain(ip('a', 4));
  EXPECT_EQ(calls(), "(a?(off)(hS(off))(iS(off))...)");
}

TEST_F(CallMachineTest, ExecBeginsAnew) {
  on(ip('a'));
  call(ip('a', 8));
  syscall(ip('b', 0));
  on(ip('q'));
  plain(ip('q', 0));
  EXPECT_EQ(calls(), "(a?(b(off)exec)exec)(_start?...)");
}

TEST_F(CallMachineTest, AnInterruptedThreadGoesOn) {
  on(ip('a'));
  call(ip('a', 8));
  plain(ip('b', 0));
  event(FlowKind::kOff, FlowCause::kSwitch, ip('b', 4), 0);
  on(ip('b', 4));
  ret(ip('b', 4));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(off))...)");
}

TEST_F(CallMachineTest, AGapCutsWhatWasOpen) {
  on(ip('a'));
  call(ip('a', 8));
  plain(ip('b', 0));
  gap(ip('b', 0x40));
  ret(ip('b', 0x40));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b|*)...)");
}

TEST_F(CallMachineTest, BehindAGapInAnotherFunctionThatRanAlready) {
  on(ip('a'));
  call(ip('a', 8));
  call(ip('b', 0));
  plain(ip('c', 0));
  gap(ip('b', 0x40));
  ret(ip('b', 0x40));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b(c|*)*)...)");
}

TEST_F(CallMachineTest, BehindAGapInAFunctionThatNobodyCalled) {
  on(ip('a'));
  call(ip('a', 8));
  plain(ip('b', 0));
  gap(ip('d', 0x40));
  ret(ip('d', 0x40));
  ret(ip('b', 0x40));
  plain(ip('a', 12));
  EXPECT_EQ(calls(), "(a?(b|(d?)*)...)");
}

TEST_F(CallMachineTest, AReturnFromWhereTheTraceBeganShowsTheCaller) {
  on(ip('c', 8));
  ret(ip('c', 8));
  ret(ip('b', 8));
  plain(ip('a', 8));
  EXPECT_EQ(calls(), "(c?)(b?)(a?...)");
}

TEST_F(CallMachineTest, OnlyGaps) {
  gap(0);
  gap(0);
  EXPECT_EQ(calls(), "||");
}

TEST_F(CallMachineTest, CallsAloneStayInMemory) {
  on(ip('a'));
  for (size_t i = 0; i < CallMachine::kMaxDepth + 10; ++i) {
    call(ip(i % 2 == 0 ? 'a' : 'b', 8));
    EXPECT_LE(machine_.depth(), CallMachine::kMaxDepth);
  }
  machine_.finish();
  EXPECT_EQ(drawing_.insns, CallMachine::kMaxDepth + 10);
}

TEST(ParentOfCold, IsTheFunctionWithoutTheSuffix) {
  EXPECT_EQ(parent_of_cold("main.cold"), "main");
  EXPECT_EQ(parent_of_cold("main.cold.3"), "main");
  EXPECT_EQ(parent_of_cold("ns::f(int) [clone .cold]"), "ns::f(int)");
  EXPECT_EQ(parent_of_cold("ns::f(int) [clone .cold.7]"), "ns::f(int)");
  EXPECT_EQ(parent_of_cold("main"), "");
  EXPECT_EQ(parent_of_cold("f.part.0"), "");
  EXPECT_EQ(parent_of_cold("f(int) [clone .part.0]"), "");
  EXPECT_EQ(parent_of_cold(""), "");
}

// b is called twice: cycles are of the call that runs when a packet says them,
// totals have those of what was called.
TEST(FunctionCounts, AddUpCycles) {
  Alphabet functions;
  FunctionCounts counts;
  CountedStack sink(counts);
  CallMachine machine(functions, sink);
  const auto block = [&](BranchClass kind, uint64_t at, uint64_t cycles) {
    FlowItem item;
    item.begin = item.last = at;
    item.end = at + 4;
    item.ninsn = 10;
    item.branch = kind;
    item.detail = cycles;
    machine.add({&item, 1});
  };
  block(BranchClass::kCall, 0x1000, 5);  // a calls b
  block(BranchClass::kReturn, 0x1100, 7);
  block(BranchClass::kCall, 0x1004, 0);
  block(BranchClass::kReturn, 0x1100, 13);
  block(BranchClass::kNone, 0x1008, 20);
  machine.finish();
  const FunctionCount& a = counts.of(*functions.at(0x1000, 0).function);
  EXPECT_EQ(a.self_cycles, 25u);
  EXPECT_EQ(a.total_cycles, 45u);
  const FunctionCount& b = counts.of(*functions.at(0x1100, 0).function);
  EXPECT_EQ(b.self_cycles, 20u);
  EXPECT_EQ(b.total_cycles, 20u);
  EXPECT_EQ(b.self_insns, 20u);
}

}  // namespace
}  // namespace ptcap::decode
