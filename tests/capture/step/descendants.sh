# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap ends with its program; what outlives it runs on, untraced and counted.

run "$PTCAP" --source step --force -o t.ptz --report report -- \
  sh -c '(sleep 2; echo late >late) & echo $! >pid; exit 4'
expect_status 4
expect err 'untraced'
expect report '"not followed"'
for _ in $(seq 100); do [[ -e late ]] && break; sleep 0.1; done
[[ -e late ]] || fail "the descendant died"
