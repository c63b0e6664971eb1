# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap with ptdec, and perf record with perf script, tell the same branches of
# the same program on the same PMU. (Of the program's own code: what the loader
# does depends on the environment, which differs.)

samples="loop_pie threads"

in_guest() {
  load_ptsim
  for name in $samples; do
    program=$BUILD/samples/sample_$name
    perf record -q -o $name.data -e intel_pt//u "$program"
    "$BUILD/capture/ptcap" --source pt -o $name.ptz -- "$program"
  done
  keep ./*.data ./*.ptz
}

on_host() {
  name=loop_pie
  perf script -i $name.data --itrace=b -F ip,addr,flags 2>/dev/null |
    grep -vE 'syscall|tr strt|tr end' | awk '{print $(NF-2), $NF}' |
    grep -E '^5555' >perf.rows
  "$BUILD/decode/ptdec" branches $name.ptz --format tsv |
    awk -F'\t' '$7 ~ /^(jcc|jmp|ijmp|call|icall|ret)$/ {print $5, $6}' |
    grep -E '^5555' >ptdec.rows
  count=$(wc -l <perf.rows)
  [ "$count" -gt 2000 ] || fail "only $count branches"
  cmp perf.rows ptdec.rows
  echo "$count branches are equal"

  size_perf=$(stat -c %s threads.data)
  size_ptcap=$(stat -c %s threads.ptz)
  echo "threads: $size_perf bytes of perf.data, $size_ptcap of .ptz with code"
}
