# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# In front of each case: words of their own for these tests.

# traced_by OPTIONS...: ptcap, and its trace against its log.
traced_by() {
  PTCAP_STEP_LOG=log timeout 100 "$PTCAP" -q --source step --force -o t.ptz \
    "$@" >out 2>err
  status=$?
  checks_out "$@"
}
traced() { traced_by -- "$@"; }
checks_out() {
  timeout 100 "$FLOW_CHECK" t.ptz log >flow || { fail "$*"; cat flow err; }
}
source "$CASE"
