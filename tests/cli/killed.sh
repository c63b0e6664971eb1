# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap killed by SIGKILL: the file decodes up to its last whole frame, the
# program does not hang.

timeout 100 "$PTCAP" --source step -o k.ptz -- \
  sh -c 'echo $$ >pid; while :; do :; done' 2>err &
ptcap_job=$!
sleep 4
ptcap=$(pgrep -P $ptcap_job -x ptcap || pgrep -f -x "$PTCAP .*k.ptz.*" | tail -1)
kill -KILL "$ptcap"
wait $ptcap_job 2>/dev/null
sleep 1
program=$(cat pid)
if kill -0 "$program" 2>/dev/null; then
  state=$(awk '{print $3}' /proc/$program/stat)
  [[ $state == [RZ] ]] || fail "the program hangs in state $state"
  kill -KILL "$program"
fi
run "$PTDEC" branches --format tsv --limit 100000 k.ptz
expect_status 0
expect err 'k.ptz'
[[ $(wc -l <out) -gt 1000 ]] || fail "only $(wc -l <out) rows"
