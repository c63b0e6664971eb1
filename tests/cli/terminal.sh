# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# What a terminal gets beyond what a file gets: colour and a pager.

command -v script >/dev/null || skip "no script(1) to have a terminal with"

"$PTCAP" -q --source step -o t.ptz -- "$SAMPLES/sample_loop_static_pie" >/dev/null
escape=$'\033'

# on_terminal COMMAND...: what it writes to a terminal, in the file `typed`
on_terminal() {
  TERM=xterm script -qec "$(printf '%q ' "$@")" typed </dev/null >/dev/null
  status=$?
}

"$PTDEC" branches --limit 40 t.ptz >plain
! grep -q "$escape" plain || fail "colour in a file"

on_terminal env PAGER= "$PTDEC" branches --limit 40 t.ptz
grep -q "$escape\[2m" typed || fail "no colour on a terminal"
sed "s/$escape\[[0-9;]*m//g; s/\r//" typed | grep -Ev '^(Script .*)?$' >uncoloured
diff plain uncoloured || fail "a terminal gets other rows than a file"

on_terminal env PAGER= NO_COLOR=1 "$PTDEC" branches --limit 40 t.ptz
! grep -q "$escape" typed || fail "colour despite NO_COLOR"
on_terminal env PAGER= "$PTDEC" branches --format tsv --limit 40 t.ptz
! grep -q "$escape" typed || fail "colour in tsv"

# The pager, and which one.
on_terminal env PAGER='cat >by_pager' NO_COLOR=1 "$PTDEC" branches --limit 40 t.ptz
diff plain by_pager || fail "PAGER does not get what a file gets"
on_terminal env PAGER=false PTDEC_PAGER='cat >by_ptdec_pager' NO_COLOR=1 \
  "$PTDEC" branches --limit 40 t.ptz
diff plain by_ptdec_pager || fail "PTDEC_PAGER does not come first"
on_terminal env PAGER='cat >by_pager2' "$PTDEC" branches --format tsv t.ptz
[[ ! -e by_pager2 ]] || fail "tsv went to a pager"

# An error is seen, and its status.
on_terminal env PAGER='cat >/dev/null' "$PTDEC" branches none.ptz
[[ $status -eq 1 ]] || fail "status $status, not 1, with a pager"
grep -q 'ptdec: .*none.ptz' typed || fail "the error was not seen: $(cat typed)"
