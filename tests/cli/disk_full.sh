# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The program runs on untraced, then 125; what was written stays readable.

run "$PTCAP" --source step --force -o /dev/full -- sh -c 'echo ran; exit 3'
expect_status 125
expect out '^ran$'
expect err '^ptcap: .*/dev/full.*No space left'

# A limit in the middle of a run.
(ulimit -f 24; run "$PTCAP" --source step --level 0 -o small.ptz -- \
  sh -c 'i=0; while [ $i -lt 600 ]; do i=$((i+1)); done; echo ran'
 echo "$status" >st)
status=$(cat st)
expect_status 125 "file size limit"
expect out '^ran$'
expect err '^ptcap: .*small.ptz.*File too large'
run "$PTDEC" branches --format tsv small.ptz
expect_status 0 "salvage of a full disk's trace"
[[ $(wc -l <out) -gt 1 ]] || fail "nothing readable was left"
