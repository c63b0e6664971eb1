# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Bytes at rising rates, up to more than can be passed on: every byte that the
# PMU produced is in the trace, in order, the sums are equal, and what found no
# room lies behind a record that says so.

here=$(dirname "${BASH_SOURCE[0]}")/..

value() { python3 -c "import json, sys
v = json.load(open('$1'))
print($2)"; }

# trace NAME CHUNK OPTIONS...: NAME.ptz, its report, and the PMU's own counts
trace() {
  name=$1 chunk=$2
  shift 2
  ptsim_reset_counts
  ptsim_set chunk "$chunk"
  "$BUILD/capture/ptcap" -q -o "$name.ptz" --report "$name.json" \
    --images none "$@"
  echo "$(ptsim_get produced) $(ptsim_get dropped) $(ptsim_get overruns)" \
    >"$name.counts"
  echo "$name: $(cat "$name.counts")"
  keep "$name".*
  rm "$name.ptz"
}

in_guest() {
  "$here/canned_bytes.py" make 16777216 >canned
  load_ptsim mode=canned canned="$PWD/canned"
  spin='while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done'
  bash -c "$spin & $spin & wait" & busy=$!
  sleep 0.3
  first=$(pgrep -P $busy | head -1)
  for source in pt bts; do
    for chunk in 512 4096 65536; do
      t="--source $source --aux-size 1M --level 1"
      [ $source = bts ] ||
        trace $source.cpu0.$chunk $chunk $t --duration 300ms -a -C 0
      [ $source = bts ] ||
        trace $source.cpus.$chunk $chunk $t --duration 300ms -a
      trace $source.thread.$chunk $chunk $t --duration 300ms -t "$first"
      # It goes from CPU to CPU.
      (for i in 0 1 0 1 0 1; do
         sleep 0.05; taskset -pc $i "$first" >/dev/null
       done; taskset -pc 0-1 "$first" >/dev/null) & mover=$!
      trace $source.process.$chunk $chunk $t --duration 300ms -p "$first"
      wait $mover
      # With children, on both CPUs
      trace $source.program.$chunk $chunk $t -- bash -c \
        'f() { for ((i = 0; i < 6000; i++)); do :; done; }; f & f & wait'
    done
  done
  # A writer that is slow, and small buffers
  trace pt.slow.65536 65536 --source pt --aux-size 16K --level 19 --threads 2 \
    --duration 300ms -a
  trace bts.slow.65536 65536 --source bts --aux-size 16K --level 19 \
    --duration 300ms -t "$first"
  kill $busy $(pgrep -P $busy)
}

on_host() {
  "$here/canned_bytes.py" make 16777216 >canned
  any_loss=0
  for file in *.ptz; do
    name=${file%.ptz}
    read -r produced dropped overruns <"$name.counts"
    thread=
    case $name in *.thread.* | bts.slow.*) thread=--thread ;; esac
    zstd -dcq $file | "$here/canned_bytes.py" check canned $thread \
      >$name.check ||
      fail "$name: $(cat $name.check)"
    [ "$produced" -gt 5000 ] || fail "$name: only $produced bytes"
    found=$(value $name.check "v['bytes']")
    skipped=$(value $name.check "v['skipped']")
    losses=$(value $name.json "sum(loss['cause'] == 'aux truncated'
      for loss in v['losses'])")
    echo "$name: $produced bytes, $dropped dropped, $losses losses"
    expect_equal "$name: bytes in the trace" "$found" "$produced"
    for count in produced written; do
      expect_equal "$name: $count, as reported" \
        "$(value $name.json "v['${count}_bytes']")" "$produced"
    done
    expect_equal "$name: synthetic" \
      "$(value $name.json "v['synthetic_bytes']")" \
      "$(value $name.check "v['synthetic']")"
    # What is dropped last lies between no two pieces.
    [ "$skipped" -le "$dropped" ] || fail "$name: $skipped bytes are skipped"
    [ "$dropped" = 0 ] || [ "$losses" -gt 0 ] || fail "$name: no loss is told"
    [ "$losses" -ge "$overruns" ] ||
      fail "$name: $losses losses, $overruns overruns"
    any_loss=$((any_loss + losses))
  done
  [ $any_loss -gt 0 ] || fail "no rate was too high"
}
