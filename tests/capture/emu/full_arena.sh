# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# All 4,096 slots at once, and more asked for: the program runs as ever; who
# comes late is not recorded, and how many they are is counted and said. A
# process takes a slot, and each of its threads one.

SLOTS=4096

# full WHAT THREADS LEAST PROGRAM...: of so many, at least LEAST are recorded.
full() {
  local what=$1 threads=$2 least=$3
  shift 3
  run "$@"
  mv out untraced_out
  run "$PTCAP" --source emu --force -o t.ptz --report report -- "$@"
  expect_status 0 "$what"
  cmp -s out untraced_out || fail "$what: the output differs"
  local streams=$(sed -n 's/^ *"streams": \([0-9]*\),$/\1/p' report)
  echo "$what: $streams of $threads are recorded"
  [[ $streams -ge $least && $streams -lt $threads ]] || fail "$what: $streams"
  local said="$((threads - streams)) threads or processes found no free slot: more than $SLOTS at once"
  expect report "$said"
  expect err "^ptcap: .*$said"
  [[ $(losses) == 1 ]] || { fail "$what: losses:"; cat report; }
  decodes t.ptz
  run "$PTDEC" insns --no-text --format tsv --function visit t.ptz
  cut -f5 out | grep -v ip | sort | uniq -c >visits
  [[ -s visits ]] || fail "$what: visit() did not run"
  ! grep -Ev "^ *$((streams - 1)) " visits || fail "$what: other visits"
}

limit=$(ulimit -u)
[[ $limit == unlimited || $limit -gt 10000 ]] ||
  skip "ulimit -u allows no more than $limit threads"
full threads 4199 $((SLOTS - 1)) "$PROGRAMS/thread_crowd" 4198 4198
# Some get a slot for themselves and none for their thread.
full processes 2060 $((SLOTS / 2 - 20)) "$PROGRAMS/process_crowd" 2059
run "$PTCAP" -q --source emu --strict --force -o t.ptz -- \
  "$PROGRAMS/process_crowd" 2059
expect_status 3 "--strict"
