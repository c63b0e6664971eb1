# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# A program that writes over the memory that it shares with ptcap, or unmaps
# it: ptcap ends with the program, says what is lost, and the trace is read.

# vandal MODE...
vandal() {
  emulated "$PROGRAMS/arena_vandal" "$@"
  [[ $status == 7 || $status == 139 || $status == 135 ]] ||
    { fail "$*: status $status"; cat err; }
  expect out '^found$'
  run timeout 20 "$PTDEC" branches --format tsv t.ptz
  expect_status 0 "ptdec after $*"
}

vandal unmap
expect out $'\tret\t'
for mode in zero "scribble 2" "scribble 4" "scribble 14" "scribble 20"; do
  vandal $mode
  expect report 'the program wrote over its trace'
done
