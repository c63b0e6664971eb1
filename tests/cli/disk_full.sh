# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The program runs on untraced, then 125; what was written stays readable.

run "$PTCAP" --source step --force -o /dev/full -- sh -c 'echo ran; exit 3'
expect_status 125
expect out '^ran$'
expect err '^ptcap: .*/dev/full.*No space left'

# A limit within the trace of the same run, far from both ends of it: without
# TSC packets, of which a busy machine has more, two runs differ by a few KB.
options=(--source step --level 0 --pt tsc=0,noretcomp)
program=(sh -c 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); done; echo ran')
run "$PTCAP" -q "${options[@]}" -o whole.ptz -- "${program[@]}"
expect_status 0
limit=$(($(stat -c %s whole.ptz) / 1024 - 40))
(ulimit -f $limit
 run "$PTCAP" "${options[@]}" -o cut.ptz -- "${program[@]}"
 echo "$status" >st)
status=$(cat st)
expect_status 125 "file size limit"
expect out '^ran$'
expect err '^ptcap: .*cut.ptz.*File too large'
run "$PTDEC" branches --format tsv cut.ptz
expect_status 0 "salvage of a full disk's trace"
expect err 'cut.ptz'
[[ $(wc -l <out) -gt 1 ]] || fail "nothing readable was left"
