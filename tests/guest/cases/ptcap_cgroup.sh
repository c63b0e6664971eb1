# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# -a --cgroup: the tasks of one cgroup, those below it included, and no others.

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  spin='while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done'
  root=/sys/fs/cgroup
  mkdir -p $root/traced/below
  status=0
  $ptcap --source pt -o no.ptz -a --cgroup traced --duration 100ms 2>no.log ||
    status=$?
  cat no.log
  # Before the first controller is switched on, there is no perf_event either.
  [ $status = 0 ] || grep -q 'cgroup.subtree_control' no.log || fail "no advice"
  echo +pids >$root/cgroup.subtree_control
  bash -c "$spin" & inside=$!
  bash -c "$spin" & below=$!
  bash -c "$spin" & outside=$!
  echo $inside >$root/traced/cgroup.procs
  echo $below >$root/traced/below/cgroup.procs
  echo "$inside inside, $below below, $outside outside"
  $ptcap --source pt -o cgroup.ptz -a --cgroup /traced --duration 500ms
  printf '%s\n' $inside $below | sort >pids
  echo $outside >outside
  kill $inside $below $outside
  status=0
  $ptcap --source pt -o no.ptz -a --cgroup nosuch 2>no.log || status=$?
  cat no.log
  expect_equal "exit status for a cgroup that is not there" $status 125
  keep cgroup.ptz pids outside
}

on_host() {
  "$BUILD/decode/ptdec" branches cgroup.ptz --format tsv >rows
  awk -F'\t' 'NR > 1 && $7 != "gap" {print $1}' rows | sort -u >found
  expect_equal "processes" "$(xargs <found)" "$(xargs <pids)"
  others=$(awk -F'\t' '$7 == "gap" && $8 != "lost"' rows | wc -l)
  expect_equal "gaps other than losses" "$others" 0
  [ "$(wc -l <rows)" -gt 1000 ] || fail "too few rows"
}
