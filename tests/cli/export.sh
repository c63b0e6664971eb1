# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptdec export: perf reads what it writes, in both forms, and sees the branches
# that ptdec sees; ptdec reads it back. --images store= and --image-store.

program=$SAMPLES/sample_word_count
"$PTCAP" -q --source step -o t.ptz -- "$program" >/dev/null || fail ptcap
decodes t.ptz
grep -v '^#' rows | cut -f5-7 >whole

run "$PTDEC" export t.ptz; expect_status 2
expect err 'OUT is missing'
run "$PTDEC" export t.ptz --to zip -o t.zip; expect_status 2
run "$PTDEC" export t.ptz -o t.data; expect_status 0
[[ ! -s err ]] || fail "said: $(head -1 err)"
run "$PTDEC" export t.ptz -o t.data; expect_status 1
expect err 't.data.*--force'
"$PTDEC" export t.ptz -o - >t.pipe || fail "export -o -"

# Read back, and from the code that the files have; nothing differs.
for form in t.data t.pipe; do
  decodes $form
  grep -v '^#' rows | cut -f5-7 | cmp - whole || fail "$form differs"
done

# Code beside the trace: found where it is, missing where it is not.
"$PTCAP" -q --source step --images store=code -o s.ptz -- "$program" \
  >/dev/null || fail "ptcap --images"
decodes s.ptz --image-store code
run "$PTDEC" branches s.ptz; expect_status 0
expect err 'nocode'
expect err '^  nocode: no code at [0-9a-f]+ \(/.*: [0-9]+ gaps?'
for image in code/*; do echo damaged >>"$image"; done
run "$PTDEC" branches s.ptz --image-store code; expect_status 0
expect err 'not the code of its name'

run "$PTDEC" branches t.ptz --errata 6/x/3; expect_status 2
decodes t.ptz --errata 6/85/4
decodes t.ptz --errata none

command -v perf >/dev/null || { echo "no perf: not compared"; return 0; }
# perf prints an address of 0 for what is not known.
perf_branches() {
  perf script -i "$1" --itrace=b -F ip,addr 2>perf_err |
    sed -E 's/=>//; s/^ +//; s/ +/\t/g' | cut -f1,2
}
ours() { awk -F'\t' '$3 !~ /^(on|off|nt)$/ {print $1 "\t" $2}' whole; }
for form in t.data t.pipe; do
  if [[ $form == t.pipe ]]; then
    perf script -i - --itrace=b -F ip,addr <<<"" >/dev/null 2>&1
    cat t.pipe | perf script -i - --itrace=b -F ip,addr 2>perf_err |
      sed -E 's/=>//; s/^ +//; s/ +/\t/g' | cut -f1,2 >theirs
  else
    perf_branches $form >theirs
  fi
  awk -F'\t' '$1 != "0" && $2 != "0"' theirs >known
  ours >mine
  [[ $(wc -l <mine) -gt 1000 ]] || fail "few branches"
  cmp mine known || fail "$form: perf sees other branches"
done
run perf report -i t.data --itrace=i100us --stdio; expect_status 0
expect out 'word_count'

# Several threads: branch for branch, thread by thread.
by_thread() { sort -s -k1,1n; }
for sample in threads exit_threads exceptions; do
  for source in step emu; do
    run "$PTCAP" -q --force --source $source -o m.ptz -- "$SAMPLES/sample_$sample"
    [[ ! -s err ]] || fail "$sample, $source: $(head -1 err)"
    run "$PTDEC" export m.ptz --force -o m.data; expect_status 0
    perf script -i m.data --itrace=b -F tid,ip,addr 2>perf_err |
      sed -E 's/=>//; s/^ +//; s/ +/\t/g' |
      awk -F'\t' '$2 != "0" && $3 != "0" {print $1 "\t" $2 "\t" $3}' |
      by_thread >theirs
    for form in m.ptz m.data; do
      "$PTDEC" branches --format tsv $form | grep -v '^#' |
        awk -F'\t' '$7 !~ /^(on|off|nt)$/ {print $2 "\t" $5 "\t" $6}' |
        by_thread >mine
      [[ $(wc -l <mine) -gt 1000 ]] || fail "$sample: few branches"
      cmp mine theirs || fail "$sample, $source, $form: perf sees other branches"
    done
  done
done
