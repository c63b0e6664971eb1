# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap --source bts: the same records as perf's, threads included.

in_guest() {
  load_ptsim
  ptcap=$BUILD/capture/ptcap
  perf record -q -o perf.data --per-thread -e intel_bts//u true
  like_perf $ptcap --source bts -o true.ptz -- true
  # Without signals: where they interrupt, BTS of user code says nothing.
  $ptcap --source bts -o threads.ptz -- "$BUILD/tests/guest/programs/migrate"
  keep perf.data ./*.ptz
}

rows_of() { awk '{print $1, $3}'; }

on_host() {
  perf script -i perf.data --itrace=b -F ip,addr 2>/dev/null |
    rows_of >perf.rows
  zstd -dcq true.ptz | perf script -i - --itrace=b -F ip,addr 2>/dev/null |
    rows_of >ptcap.rows
  # What ptdec adds are the ways into the kernel and back.
  "$BUILD/decode/ptdec" branches true.ptz --format tsv |
    awk -F'\t' '$7 ~ /^(jcc|jmp|ijmp|call|icall|ret)$/ {print $5, $6}' \
    >ptdec.rows
  count=$(wc -l <perf.rows)
  [ "$count" -gt 5000 ] || fail "only $count branches"
  # perf drops a buffer's last BTS record, and ptcap may write several buffers.
  buffers=$(zstd -dcq true.ptz | perf script -D -i - 2>/dev/null |
            grep -ac 'PERF_RECORD_AUXTRACE size')
  diff perf.rows ptcap.rows >differences || true
  ! grep -q '^>' differences || fail "other rows than perf's"
  missing=$(grep -c '^<' differences || true)
  [ "$missing" -lt "$buffers" ] || fail "$missing rows, $buffers buffers"
  head -n "$count" ptdec.rows | cmp - perf.rows
  [ $(($(wc -l <ptdec.rows) - count)) -le 1 ] || fail "ptdec has more rows"
  echo "$count branches are equal"
  for name in true threads; do
    gaps=$("$BUILD/decode/ptdec" branches $name.ptz --format tsv |
           awk -F'\t' '$7 == "gap"' | wc -l)
    expect_equal "$name: gaps" "$gaps" 0
  done
}
