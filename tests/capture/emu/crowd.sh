# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Threads that come and go by the thousand, hundreds at once: each has its
# stream, and its slot is used again. CROWD: how many, AT_ONCE of them.

as_untraced "$PROGRAMS/thread_crowd" "$CROWD" "$AT_ONCE"
expect report "\"streams\": $((CROWD + 1)),"
[[ $(losses) == 0 ]] || { fail "losses:"; cat report; }
run "$PTDEC" functions --function visit t.ptz
expect out " $CROWD  visit "
