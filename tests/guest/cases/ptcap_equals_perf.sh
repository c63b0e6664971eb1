# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap with ptdec, and perf record with perf script, tell the same branches of
# the same programs on the same PMU: their own code, the loader's, libraries'.

samples="loop_pie recursion jump_table mismatched_returns threads"

in_guest() {
  load_ptsim
  for name in $samples; do
    program=$BUILD/samples/sample_$name
    perf record -q -o $name.data -e intel_pt//u "$program"
    like_perf "$BUILD/capture/ptcap" --source pt -o $name.ptz -- "$program"
  done
  keep ./*.data ./*.ptz
}

on_host() {
  # Threads wait for each other at their own times; of one, all is the same.
  for name in ${samples% threads}; do
    perf script -i $name.data --itrace=b -F ip,addr,flags 2>/dev/null |
      grep -vE 'syscall|tr strt|tr end' | awk '{print $(NF-2), $NF}' \
      >perf.rows
    "$BUILD/decode/ptdec" branches $name.ptz --format tsv |
      awk -F'\t' '$7 ~ /^(jcc|jmp|ijmp|call|icall|ret)$/ {print $5, $6}' \
      >ptdec.rows
    count=$(wc -l <perf.rows)
    [ "$count" -gt 2000 ] || fail "$name: only $count branches"
    cmp perf.rows ptdec.rows
    echo "$name: $count branches are equal"
  done

  size_perf=$(stat -c %s threads.data)
  size_ptcap=$(stat -c %s threads.ptz)
  echo "threads: $size_perf bytes of perf.data, $size_ptcap of .ptz with code"
}
