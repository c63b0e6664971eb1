# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# viewer.sh PROGRAM: speedscope shows the timeline in its own format and in
# Chrome's, and the folded stacks; flamegraph.pl draws those.

command -v qemu-x86_64 >/dev/null || skip "qemu-user is not installed"
run "$PTCAP" -q --source emu -o t.ptz -- "$2" log
run "$PTDEC" flame -o t.folded t.ptz; expect_status 0

# The total is that of the trace, and no line is left out.
flamegraph=/usr/share/perl5/Devel/NYTProf/flamegraph.pl
if [[ -e $flamegraph ]]; then
  run perl "$flamegraph" --countname insns t.folded; expect_status 0
  [[ ! -s err ]] || fail "flamegraph.pl says: $(head -3 err)"
  total=$(awk '{ sum += $NF } END { print sum }' t.folded)
  tr -d , <out >t.svg
  expect t.svg "<title>all \($total insns 100%\)</title>"
  expect t.svg '<title>main \([0-9]+ insns [0-9.]+%\)</title>'
else
  echo "no flamegraph.pl (Debian: libdevel-nytprof-perl)"
fi

run "$PTDEC" timeline --to speedscope -o t.json t.ptz; expect_status 0
run "$PTDEC" timeline --to chrome -o chrome.json t.ptz; expect_status 0
for file in t.json chrome.json t.folded; do
  shown=$(basename "$2" | cut -c1-15)
  [[ $file != t.folded ]] || shown=t.folded  # the title; stacks are on canvas
  "$BROWSER_TEST" "$BROWSER_MODULES" "${COMPARE%/*}/speedscope_test.mjs" \
    $file MODULES "$shown" >out 2>&1
  status=$?
  [[ $status != 77 ]] || skip "$(cat out)"
  [[ $status == 0 ]] || { fail "speedscope: $file"; cat out; }
done
