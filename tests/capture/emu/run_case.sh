# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# In front of each case: words of their own for these tests.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"

# emulated PROGRAM...: under emu; the outcome as run() has it, beside a trace
# t.ptz and a report.
emulated() {
  run "$PTCAP" -q --source emu --force -o t.ptz --report report -- "$@"
}
# as_untraced PROGRAM...: emulated, and the same outcome as without ptcap.
as_untraced() {
  run "$@"
  mv out untraced_out
  mv err untraced_err
  local untraced_status=$status
  emulated "$@"
  expect_status "$untraced_status" "$*"
  cmp -s out untraced_out || fail "the output of $* differs"
  cmp -s err untraced_err || { fail "the errors of $* differ:"; cat err; }
  decodes t.ptz
}
# losses: how many the report names.
losses() { grep -c '"cause"' report; }

source "$CASE"
