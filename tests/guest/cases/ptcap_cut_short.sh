# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# A full disk, and SIGKILL: what is in the file is the beginning of what each
# event produced, byte for byte.

here=$(dirname "${BASH_SOURCE[0]}")/..

# full NAME OPTIONS...: on a disk of 6 MB
full() {
  name=$1
  shift
  status=0
  "$BUILD/capture/ptcap" --level none -o small/full.ptz "$@" || status=$?
  expect_equal "$name: exit status with a full disk" $status 125
  mv small/full.ptz full.$name.ptz
}

# killed NAME OPTIONS...: once there are 2 MB
killed() {
  name=$1
  shift
  "$BUILD/capture/ptcap" -q --level none --images none -o killed.$name.ptz \
    "$@" &
  ptcap=$!
  until [ "$(stat -c %s killed.$name.ptz 2>/dev/null || echo 0)" -gt 2000000 ]
  do
    sleep 0.1
  done
  kill -KILL $ptcap
  wait $ptcap || true
}

in_guest() {
  "$here/canned_bytes.py" make 4194304 >canned
  load_ptsim mode=canned canned="$PWD/canned"
  bash -c 'while :; do :; done' & busy=$!
  mkdir small
  mount -t tmpfs -o size=6M tmpfs small

  ptsim_set chunk 65536
  full program --source pt -- bash -c \
    'for ((i = 0; i < 30000; i++)); do :; done; echo done >done'
  [ -e done ] || fail "the program did not run to its end"
  ptsim_set chunk 4096
  full pt.cpu0 --source pt -a -C 0 --images none --duration 60s
  full bts.thread --source bts -t $busy --images none --duration 60s
  umount small

  killed pt.cpu0 --source pt -a -C 0
  killed pt.cpus --source pt -a
  killed bts.thread --source bts -t $busy
  kill $busy
  keep full.*.ptz killed.*.ptz
}

on_host() {
  "$here/canned_bytes.py" make 4194304 >canned
  for file in full.*.ptz killed.*.ptz; do
    "$BUILD/decode/ptdec" info $file >$file.info 2>&1 ||
      fail "$file cannot be read"
    grep -E 'salvage|ledger' $file.info
    thread=
    case $file in *.thread.*) thread=--thread ;; esac
    zstd -dcq $file 2>/dev/null |
      "$here/canned_bytes.py" check canned --cut $thread >$file.check ||
      fail "$file: $(cat $file.check)"
    echo "$file: $(cat $file.check)"
    bytes=$(python3 -c "import json; print(json.load(open('$file.check'))['bytes'])")
    [ "$bytes" -gt 500000 ] ||
      fail "only $bytes bytes of $file"
  done
}
