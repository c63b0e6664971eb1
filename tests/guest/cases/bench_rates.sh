# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Side by side with perf record on the same PMU, with buffers of the same size:
# up to which rate nothing is lost, how many bytes are on disk, how much CPU
# time a megabyte takes, start and end of the tool included. Prints; fails only
# if something does not run. (A busy emulator misses ticks: what is produced
# in a second is less than the rate says, for all tools alike.)

aux=1M
duration=0.5

# The tool keeps away from the CPU that is traced.
traced() {  # TOOL SECONDS
  rm -f out.ptz out.data
  case $1 in
    ptcap*)
      level=1
      [ "$1" = ptcap-1 ] || level=${1#ptcap-}
      taskset -c 1 "$BUILD/capture/ptcap" -q --source pt --images none \
        --aux-size $aux --level "$level" -a -C 0 --duration "$2s" -o out.ptz
      ;;
    *)
      z=
      [ "$1" = perf ] || z=-z1
      taskset -c 1 perf record -q -B -N $z -a -C 0 -m,$aux -e intel_pt//u \
        -o out.data -- sleep "$2" >/dev/null 2>&1
      ;;
  esac
}

highest_rate() {  # TOOL: bytes/ms, of two tries each
  best=0
  for rate in 4096 8192 16384 24576 32768 49152 65536 98304 131072; do
    ptsim_set chunk $rate
    lossless=no
    for try in 1 2; do
      ptsim_reset_counts
      traced "$1" $duration
      [ "$(ptsim_get produced)" -gt 0 ] || fail "$1 traced nothing"
      [ "$(ptsim_get overruns)" != 0 ] || { lossless=yes; break; }
    done
    [ $lossless = yes ] || break
    best=$rate
  done
  echo $best
}

cost() {  # TOOL: at a rate that each can stand
  ptsim_set chunk 4096
  ptsim_reset_counts
  TIMEFORMAT='%U %S'
  { time traced "$1" 3; } 2>timing
  tail -n 1 timing >last
  read -r user system <last
  produced=$(ptsim_get produced)
  size=$(stat -c %s out.ptz out.data 2>/dev/null | head -1)
  python3 -c "
cpu, mb = $user + $system, $produced / 1e6
print(f'$1: {mb:.1f} MB of trace, {$size / $produced:.3f} bytes on disk a byte,'
      f' {1000 * cpu / mb:.1f} ms of CPU time a MB,'
      f' $(ptsim_get overruns) overruns')"
}

in_guest() {
  # Real packets if they are there; else anything that compresses as well
  canned=$(ls "${BASH_SOURCE[0]%/*}"/../../../../shared/corpus/avscript_32/trace.pt \
             2>/dev/null || echo "$BUILD/capture/ptcap")
  head -c 8000000 "$canned" >canned
  echo "bytes of ${canned##*/}"
  load_ptsim mode=canned canned="$PWD/canned"
  taskset -c 0 bash -c 'while :; do :; done' & busy=$!
  for tool in ptcap-1 ptcap-none perf perf-z; do cost $tool; done
  for tool in ptcap-auto ptcap-none perf perf-z; do
    echo "$tool: $(highest_rate $tool) bytes a ms without loss"
  done
  kill $busy
}

on_host() {
  grep -c . log
}
