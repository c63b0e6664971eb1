# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Attaching, and leaving the program unharmed: by --duration, by SIGINT, one
# thread only, in the middle of a sleep and of a stop.

start() {
  "$PROGRAMS/busy_threads" stop >program.out &
  program=$!
  until [[ $(ls /proc/$program/task | wc -l) == 5 ]]; do sleep 0.1; done
}
# The program ends by itself, by SIGUSR1, with all it counted.
finish() {
  grep -q 'TracerPid:.0$' /proc/$program/status || fail "$1: still traced"
  [[ $(grep -h Cpus_allowed_list /proc/$program/task/*/status | sort -u) == \
     $(grep Cpus_allowed_list /proc/self/status) ]] || fail "$1: affinity kept"
  kill -USR1 $program
  wait $program; status=$?
  expect_status 9 "$1: the program"
  expect program.out '^counted 1 1 1 1$'
}

start
traced_by -p $program --duration 1500ms
expect_status 0 "-p --duration"; finish "-p --duration"

start
PTCAP_STEP_LOG=log timeout -s INT 3 "$PTCAP" -q --source step --force \
  -o t.ptz -p $program
checks_out; finish "SIGINT"

start
traced_by -t $(ls /proc/$program/task | tail -1) --duration 1s
expect_status 0 "-t"; finish "-t"

# A stopped program stays stopped, and goes on later.
start
kill -STOP $program
traced_by -p $program --duration 1s
expect_status 0 "stopped"
grep -q 'State:.T' /proc/$program/status || fail "it was set going"
kill -CONT $program; finish "stopped"

run "$PTCAP" --source step -p 4194304; expect_status 125
expect err '^ptcap: .*4194304.*No such process'
