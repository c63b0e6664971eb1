# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# A full disk, and SIGKILL: what is in the file is the beginning of what the PMU
# produced, byte for byte.

here=$(dirname "${BASH_SOURCE[0]}")/..

in_guest() {
  head -c 3000000 "$BUILD/capture/ptcap" >canned.bytes
  load_ptsim mode=canned canned="$PWD/canned.bytes"
  bash -c 'while :; do :; done' & busy=$!

  # A full disk: the program runs on, what was written stays readable.
  mkdir small
  mount -t tmpfs -o size=2M tmpfs small
  ptsim_set chunk 65536
  status=0
  "$BUILD/capture/ptcap" --source pt --level none -o small/full.ptz -- bash -c \
    'for ((i = 0; i < 30000; i++)); do :; done; echo done >done' || status=$?
  expect_equal "exit status with a full disk" $status 125
  [ -e done ] || fail "the program did not run to its end"
  rm small/full.ptz
  ptsim_set chunk 4096
  status=0
  "$BUILD/capture/ptcap" --source pt --level none -o small/full.ptz -a -C 0 \
    --images none --duration 60s || status=$?
  expect_equal "exit status with a full disk" $status 125
  bytes=$(zstd -dcq small/full.ptz 2>/dev/null |
          "$here/aux_bytes.py" canned.bytes) || fail "$bytes"
  [ "$bytes" -gt 500000 ] || fail "only $bytes bytes of a full disk"
  echo "full disk: $bytes bytes are there"
  cp small/full.ptz .
  umount small

  # SIGKILL in the middle
  ptsim_set chunk 4096
  "$BUILD/capture/ptcap" -q --source pt -a -C 0 --images none \
    -o killed.ptz &
  ptcap=$!
  until [ "$(stat -c %s killed.ptz 2>/dev/null || echo 0)" -gt 2000000 ]; do
    sleep 0.1
  done
  kill -KILL $ptcap
  wait $ptcap || true
  bytes=$(zstd -dcq killed.ptz 2>/dev/null |
          "$here/aux_bytes.py" canned.bytes) || fail "$bytes"
  [ "$bytes" -gt 500000 ] || fail "only $bytes bytes after SIGKILL"
  echo "killed: $bytes bytes are there"
  kill $busy
  keep full.ptz killed.ptz
}

on_host() {
  for name in full killed; do
    "$BUILD/decode/ptdec" info $name.ptz >$name.info 2>&1 ||
      fail "$name.ptz cannot be read"
    grep -E 'salvage|ledger' $name.info
  done
}
