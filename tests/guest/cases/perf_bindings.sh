# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The perf layer's tests on this kernel, which has what the host may lack:
# kprobes, tracepoints, a clock that is the TSC, a PMU with an AUX area.

in_guest() {
  load_ptsim
  # Before the first controller is switched on, new cgroups have no perf_event.
  echo +pids >/sys/fs/cgroup/cgroup.subtree_control
  tests=$BUILD/tests/bindings/bindings_linux_test

  # Debian forbids ordinary users everything; others only the kernel.
  echo 3 >/proc/sys/kernel/perf_event_paranoid
  $tests --gtest_color=no --gtest_filter='Errors.*'
  echo 2 >/proc/sys/kernel/perf_event_paranoid
  $tests --gtest_color=no >result || { cat result; exit 1; }
  cat result
  # No kernel here writes READ when a thread ends, 6.1 cannot pause a trace.
  may_skip=PerfRecord.CountsOfThreadsThatEnd
  case $(uname -r) in
    6.1.*) may_skip="$may_skip|Aux.OtherEventsResumeAndPauseIt" ;;
  esac
  skipped=$(sed -n 's/^\[  SKIPPED \] \([A-Za-z.]*\)$/\1/p' result)
  unexpected=$(echo "$skipped" | grep -vxE "$may_skip" || true)
  expect_equal "unexpectedly skipped tests" "$unexpected" ""
}

on_host() {
  grep -c '^\[       OK \]' log
}
