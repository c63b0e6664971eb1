# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The program runs on untraced, then 125; what was written stays readable.

run "$PTCAP" --source step --force -o /dev/full -- sh -c 'echo ran; exit 3'
expect_status 125
expect out '^ran$'
expect err '^ptcap: .*/dev/full.*No space left'

# A limit that comes just before the end of the same run's trace.
program=(sh -c 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); done; echo ran')
run "$PTCAP" -q --source step --level 0 -o whole.ptz -- "${program[@]}"
expect_status 0
limit=$(($(stat -c %s whole.ptz) / 1024 - 16))
(ulimit -f $limit
 run "$PTCAP" --source step --level 0 -o cut.ptz -- "${program[@]}"
 echo "$status" >st)
status=$(cat st)
expect_status 125 "file size limit"
expect out '^ran$'
expect err '^ptcap: .*cut.ptz.*File too large'
run "$PTDEC" branches --format tsv cut.ptz
expect_status 0 "salvage of a full disk's trace"
expect err 'cut.ptz'
[[ $(wc -l <out) -gt 1 ]] || fail "nothing readable was left"
