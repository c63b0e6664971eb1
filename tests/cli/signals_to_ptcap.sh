# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# SIGINT and SIGTERM: the program gets them, the trace is finished.

set -m  # else bash starts background jobs with SIGINT ignored
for signal in INT TERM; do
  timeout 60 "$PTCAP" -q --source step -o $signal.ptz -- sh -c \
    "trap 'echo got; exit 7' $signal; echo ready >ready; while :; do :; done" \
    >out 2>err &
  job=$!
  for _ in $(seq 400); do [[ -e ready ]] && break; sleep 0.1; done
  ptcap=$(pgrep -P $job -x ptcap)
  kill -$signal "$ptcap"
  wait $job
  status=$?
  expect_status 7 "SIG$signal"
  expect out '^got$'
  decodes $signal.ptz
  rm -f ready
done
