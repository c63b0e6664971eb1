# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# --kernel: the event traces ring 0, the kernel's code and its changes are in
# the trace, and packets of kernel code decode against it. The simulated PMU
# cannot step the kernel: the packets are canned, for a function of this kernel.

here=$(dirname "${BASH_SOURCE[0]}")/..

# Addresses of the first 5 instructions of a function, which has no branch there
begin_of() {  # FUNCTION
  address=$(awk -v name="$1" '$3 == name {print $1}' /proc/kallsyms)
  objdump -d --start-address=0x$address --stop-address=$((0x$address + 40)) \
    /proc/kcore | awk -F: '/^ *ffff[0-9a-f]*:/ {print $1}' | head -5 |
    sed 's/ //g'
}

# Turned on there, and off 4 instructions later
packets_of() {  # ADDRESSES
  python3 - "$@" <<'END'
import sys
def ip(address):
    return int(address, 16).to_bytes(8, "little")[:6]
begin, end = sys.argv[1], sys.argv[-1]
sys.stdout.buffer.write(
    b"\x02\x82" * 8 + b"\x02\x23"          # PSB, PSBEND
    + b"\x99\x01" + b"\x71" + ip(begin)    # MODE.Exec, TIP.PGE
    + b"\x7d" + ip(end) + b"\x01")         # FUP, TIP.PGD
END
}

in_guest() {
  begin_of vfs_read >addresses
  cat addresses
  packets_of $(cat addresses) >canned
  load_ptsim mode=canned canned="$PWD/canned" chunk="$(stat -c %s canned)"
  ptcap=$BUILD/capture/ptcap
  bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' & busy=$!
  mkfifo control answers
  $ptcap -v --source pt --kernel --pt tsc=0,mtc=0 -o kernel.ptz -t $busy \
    --control fifo:control,answers 2>kernel.log &
  tracer=$!
  for command in ping change stop; do
    if [ $command = change ]; then
      # Static branches and a probe: the kernel changes its code.
      echo 1 >/proc/sys/kernel/sched_schedstats
      echo 'p:at_open do_sys_openat2' >/sys/kernel/tracing/kprobe_events
      echo 1 >/sys/kernel/tracing/events/kprobes/at_open/enable
      echo 0 >/sys/kernel/tracing/events/kprobes/at_open/enable
      echo 0 >/proc/sys/kernel/sched_schedstats
      continue
    fi
    echo $command >control
    read -r -t 100 answer <>answers || fail "no answer to $command"
    expect_equal "answer to $command" "$answer" ack
  done
  wait $tracer || fail "ptcap failed"
  cat kernel.log
  ! grep -q 'exclude_kernel' kernel.log || fail "ring 0 is left out"
  ! grep -q 'code not in the trace: .*kcore' kernel.log || fail "no code"
  kill $busy

  load_ptsim
  $ptcap --source pt --kernel -o user.ptz -- true
  echo 2 >/proc/sys/kernel/kptr_restrict
  $ptcap --source pt --kernel -o hidden.ptz -- true 2>hidden.log
  cat hidden.log
  grep -q 'kernel.kptr_restrict=1' hidden.log || fail "no advice"
  echo 0 >/proc/sys/kernel/kptr_restrict
  chmod 777 .
  echo 2 >/proc/sys/kernel/perf_event_paranoid
  status=0
  as_user $ptcap --source pt --kernel -o no.ptz -- true 2>no.log || status=$?
  cat no.log
  expect_equal "exit status at paranoid level 2" $status 125
  grep -q 'perf_event_paranoid' no.log || fail "no advice"
  echo 1 >/proc/sys/kernel/perf_event_paranoid
  as_user $ptcap --source pt --kernel -o no.ptz -- true 2>no.log
  cat no.log
  grep -q 'only root may read it' no.log || fail "no advice"
  keep kernel.ptz user.ptz addresses
}

on_host() {
  "$BUILD/decode/ptdec" insns kernel.ptz --format tsv >insns
  sed -n 1,6p insns
  count=$(($(wc -l <insns) - 1))
  [ $count -gt 100 ] || fail "only $count instructions"
  awk -F'\t' 'NR > 1 {print $5}' insns >found
  # The last of them did not run.
  for ((i = 0; i < count; i += 4)); do head -n 4 addresses; done >expected
  cmp found expected
  for name in kernel user; do
    gaps=$("$BUILD/decode/ptdec" branches $name.ptz --format tsv |
           awk -F'\t' '$7 == "gap"' | wc -l)
    expect_equal "$name: gaps" "$gaps" 0
  done
  zstd -dcq kernel.ptz >stream
  PYTHONPATH=$here python3 - stream <<'END'
import collections, sys
import canned_bytes
kinds = collections.Counter(
    kind for kind, *_ in canned_bytes.records(open(sys.argv[1], "rb").read()))
# A page of probes that is there already is not told again.
print("KSYMBOL", kinds[17], "TEXT_POKE", kinds[20])
if not kinds[20]:
    sys.exit("FAIL: no change of the kernel's code was told")
END
  "$BUILD/decode/ptdec" functions kernel.ptz >functions
  grep -q 'kernel.kallsyms' functions || fail "the module has no name"
}
