# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Programs with signals, threads, forks, exec and faults run to their end under
# single-stepping, and their packets decode. (Not those of the 32-bit ones:
# perf finds no vDSO for them.)

samples="alarm_rep crash exit_threads faults faults_32 fork_wait indirect
  jump_table loop loop_32 loop_pie mismatched_returns nested_signals recursion
  rep_strings self_exec signals signals_32 spawn_pipes tail_calls thread_exec
  thread_signals threads threads_32 vfork_exec"

in_guest() {
  load_ptsim
  for name in $samples; do
    program=$BUILD/samples/sample_$name
    [ -x "$program" ] || continue
    expected=0
    bash -c "$program" >/dev/null 2>&1 || expected=$?
    status=0
    perf record -q -o "$name.data" -e intel_pt//u "$program" >/dev/null 2>log ||
      status=$?
    # perf reports death by a signal as its own
    [ $status = $expected ] || [ $expected -ge 128 ] ||
      fail "$name: exit status $status instead of $expected"
    case $name in
      *_32) echo "$name: status $status" ;;
      *)
        # Here, because the vDSO that ran is not that of the host.
        perf script -i "$name.data" --itrace=e >errors 2>&1
        errors=$(grep -c 'error type' errors || true)
        head -3 errors
        expect_equal "$name: status $status, perf's errors" "$errors" 0
        ;;
    esac
  done
  expect_equal "unexplained steps" "$(ptsim_get unexplained)" 0
  keep ./*.data
}

on_host() {
  count=$(perf_count loop.data i0ns)
  [ "$count" -gt 20000 ] || fail "only $count instructions in loop"
}
