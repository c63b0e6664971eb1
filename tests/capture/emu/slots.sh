# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# More threads or processes at once than there are slots: the program runs as
# ever, and the ledger says how many were not recorded. A file size limit
# makes the arena small.

# arena_bytes PTCAP: what its arena takes of the memory.
arena_bytes() {
  local fd
  for fd in /proc/"$1"/fd/*; do
    [[ $(readlink "$fd") == /memfd:ptcap* ]] &&
      echo $(($(stat -L -c %b "$fd") * 512))
  done
}

(ulimit -f 8000
 emulated "$PROGRAMS/thread_crowd" 40 40
 echo "$status" >st)
status=$(cat st)
expect_status 0
expect out '^820$'
expect report 'found no free slot: more than 16 at once'
decodes t.ptz

cat >fork_bomb <<'SH'
spawn() { [ $1 = 0 ] || { spawn $(($1 - 1)) & spawn $(($1 - 1)) & wait; }; }
spawn 4
echo survived
SH
(ulimit -f 8000
 emulated sh fork_bomb
 echo "$status" >st)
status=$(cat st)
expect_status 0
expect out '^survived$'
expect report 'found no free slot: more than 16 at once'
decodes t.ptz

# 32 busy threads need less than 64 MB. Each fills its ring, 256 KB, which
# takes 2 million branches.
"$PTCAP" -q --source emu -o busy.ptz -- \
  "$PROGRAMS/thread_crowd" 32 32 3000000 >out &
ptcap=$!
most=0
while kill -0 $ptcap 2>/dev/null; do
  bytes=$(arena_bytes $ptcap)
  [[ ${bytes:-0} -le $most ]] || most=$bytes
  sleep 0.05
done
wait $ptcap || fail "32 busy threads: status $?"
echo "the arena took $most bytes"
[[ $most -gt $((32 * 200000)) && $most -lt 64000000 ]] ||
  fail "the arena took $most bytes"
