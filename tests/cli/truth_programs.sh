# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Programs of the system: no gap, every instruction, the same status and
# output; and perf finds the same branches.

check() {
  run "$@"
  mv out untraced
  untraced_status=$status
  PTCAP_STEP_LOG=$PWD/steps timeout 250 "$PTCAP" -q --source step --force \
    -o t.ptz -- "$@" >out 2>err
  status=$?
  expect_status "$untraced_status" "$*"
  cmp -s out untraced || fail "$*: output differs"
  decodes t.ptz
  timeout 100 "$PTDEC" insns --format tsv t.ptz >insns
  "$TRUTH/compare_steps" insns steps || fail "$*: instructions differ"
  zstd -dcq t.ptz | timeout 100 perf script -i - --itrace=be \
    -F tid,ip,addr,flags >perf_rows 2>perf_err
  "$TRUTH/compare_branches" rows perf_rows || fail "$*: perf differs"
}

check /bin/true
check ls /
check sh -c 'echo a | wc -c'
