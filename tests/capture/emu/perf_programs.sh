# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Big programs of the system: perf finds the branches that ptdec finds, in each
# thread, from the same trace.

command -v perf >/dev/null || skip "perf is not installed"

# Both by thread as "KIND FROM TO", as perf names them; it takes what it does
# not tell apart for the same.
our_branches() {
  "$PTDEC" branches --format tsv t.ptz | awk -F'\t' '
    NR == 1 { next }
    { kind = $7 }
    kind == "ijmp" { kind = "jmp" }
    kind == "icall" { kind = "call" }
    kind == "ret" { kind = "return" }
    kind == "on" { kind = "tr strt" }
    kind == "off" { kind = "tr end" }
    { print kind, $5 == "" ? 0 : $5, $6 == "" ? 0 : $6 >"ours." $2 }'
}
perf_branches() {
  zstd -dcq t.ptz | perf script -i - --itrace=be -F tid,ip,addr,flags \
    2>perf_err | awk '
    { kind = $2 }
    kind == "tr" { kind = "tr " $3 }
    { print kind, $(NF - 2), $NF >"perfs." $1 }'
}

check() {
  rm -f ours.* perfs.*
  as_untraced "$@"
  [[ $(losses) == 0 ]] || { fail "losses in $*:"; cat report; }
  rm rows
  our_branches
  perf_branches
  local file total=0
  for file in ours.*; do
    total=$((total + $(wc -l <"$file")))
    cmp "$file" "perfs.${file#ours.}" || fail "$*: perf differs in $file"
  done
  [[ $(ls perfs.* | wc -l) == $(ls ours.* | wc -l) ]] ||
    fail "$*: other threads"
  echo "$total branches of $(ls ours.* | wc -l) threads are equal: $*"
}

programs=0
try() {
  [[ -x $1 ]] || { echo "no $1"; return; }
  programs=$((programs + 1))
  check "$@"
}
printf '#define A 1\nint main(void) { return A; }\n' >hello.c
try /bin/bash -c 'for i in 1 2 3; do echo $i | sed s/1/x/; done; (exit 3)'
try /usr/bin/perl -e 'for (1..300) { $h{$_ % 7} .= "x" if /7/ } print %h ? 1 : 0'
try /usr/bin/sqlite3 :memory: 'create table t(a); insert into t values(1),(2);
  select sum(a) from t;'
try /usr/bin/git --no-pager config --list --file /dev/null
try /usr/bin/gcc -E hello.c
try /usr/bin/python3 -S -E -c 'print(sum(range(100)))'
[[ $programs -gt 0 ]] || skip "none of these programs is installed"
