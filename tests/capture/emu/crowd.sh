# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Threads that come and go by the thousand, hundreds at once: each has its
# stream, and its slot is used again. CROWD: how many, AT_ONCE of them.

as_untraced "$PROGRAMS/thread_crowd" "$CROWD" "$AT_ONCE"
expect report "\"streams\": $((CROWD + 1)),"
[[ $(losses) == 0 ]] || { fail "losses:"; cat report; }
# Each instruction of visit() ran once in each thread.
run "$PTDEC" insns --no-text --format tsv --function visit t.ptz
cut -f5 out | grep -v ip | sort | uniq -c >visits
[[ -s visits ]] || fail "visit() did not run"
! grep -Ev "^ *$CROWD " visits || fail "not $CROWD visits"
