# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# report.sh PROGRAM: pages of good and of bad traces, in a real browser.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"
program=$2

# look PAGE all|light: no errors, nothing injected.
look() {
  timeout 400 "$HERE/run_browser_test" "$BROWSER_MODULES" \
    "$HERE/real_page_test.mjs" "$PWD/$1" MODULES "$2" >seen 2>&1
  local seen=$?
  [[ $seen != 77 ]] || skip "$(cat seen)"
  [[ $seen == 0 ]] || { fail "$1"; head -20 seen; }
}
report() { run "$PTDEC" report -o "$1" "$2"; expect_status 0 "report $2"; }

run "$PTCAP" -q --source emu -o t.ptz -- "$program" log
report page.html t.ptz
look page.html all
calls=$("$PTDEC" calls --format tsv t.ptz | tail -n +2 | wc -l)
expect seen "ok, $calls calls"

# Nothing is overwritten.
run "$PTDEC" report -o page.html t.ptz
expect_status 1
expect err '\-\-force'
run "$PTDEC" report -o . t.ptz
expect_status 1
run "$PTDEC" report t.ptz
expect_status 2

# Names that would break out of a page, or out of any width.
long=$(printf 'x%.0s' {1..10000})
objcopy --redefine-sym \
  library_apply='</script><img src=x onerror=window.broken=1>' \
  --redefine-sym log_entered="$long" \
  --redefine-sym log_depth="$(printf 'a\001\033[31mb')" \
  "$program" hostile
run "$PTCAP" -q --source emu -o hostile.ptz -- ./hostile log
expect_status 0
report hostile.html hostile.ptz
expect hostile.html 'x{10000}'
look hostile.html light

# No symbols, and no code at all: only gaps.
strip -o stripped "$program"
run "$PTCAP" -q --source emu --images none -o gaps.ptz -- ./stripped log
report stripped.html gaps.ptz
rm stripped
report gaps.html gaps.ptz
expect err 'gaps'
look stripped.html light
look gaps.html light
