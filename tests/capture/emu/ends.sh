# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The disk fills: the program runs on untraced, then 125. ptcap is killed: the
# program runs on to its end, and the trace is read up to there.

program=(sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; echo ran >&2; exit 3')
run "$PTCAP" --source emu --force -o /dev/full -- "${program[@]}"
expect_status 125 "a full disk"
expect err '^ran$'
expect err '^ptcap: .*/dev/full.*No space left'

run "$PTCAP" -q --source emu --level 0 -o whole.ptz -- "${program[@]}"
expect_status 3
limit=$(($(stat -c %s whole.ptz) / 1024 - 40))
(ulimit -f $limit
 run "$PTCAP" --source emu --level 0 -o cut.ptz -- "${program[@]}"
 echo "$status" >st)
status=$(cat st)
expect_status 125 "a file size limit"
expect err '^ran$'
expect err '^ptcap: .*cut.ptz.*File too large'
run "$PTDEC" branches --format tsv cut.ptz
expect_status 0
[[ $(wc -l <out) -gt 1 ]] || fail "nothing readable was left"

"$PTCAP" -q --source emu -o killed.ptz -- sh -c '
  echo $PPID >ptcap_pid; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done
  sh -c "exec true"; echo done >finished' &
ptcap=$!
for _ in $(seq 100); do [[ -s ptcap_pid ]] && break; sleep 0.05; done
[[ $(cat ptcap_pid) == "$ptcap" ]] || fail "ptcap is not the parent"
sleep 0.3
kill -KILL "$ptcap"
wait "$ptcap" 2>/dev/null
[[ ! -e finished ]] || fail "too late to be a test"
for _ in $(seq 200); do [[ -e finished ]] && break; sleep 0.1; done
[[ -e finished ]] || fail "the program did not go on"
run "$PTDEC" branches --format tsv --limit 100000 killed.ptz
expect_status 0
expect err 'killed.ptz'
[[ $(wc -l <out) -gt 1 ]] || fail "nothing readable was left"
