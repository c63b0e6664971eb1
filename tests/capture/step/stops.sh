# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Stopping and going on: the program's parent sees what it would see.

traced sh -c '
  sh -c "kill -STOP \$\$; exit 3" &
  child=$!
  until grep -q "State:.[Tt]" /proc/$child/status; do :; done
  kill -CONT $child
  wait $child; echo $?'
expect_status 0
[[ $(cat out) == 3 ]] || fail "the stopped child: $(cat out)"
