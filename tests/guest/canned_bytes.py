#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
"""canned_bytes.py make SIZE >CANNED
canned_bytes.py check CANNED [--cut] [--thread] <STREAM

`make` writes a file whose every aligned word says where in the file it stands.
`check` reads a perf.data pipe stream (zstd -dc of a .ptz) whose AUX data was
made of it by ptsim, mode=canned: each event goes through the file on its own,
and skips what finds no room. Every byte must be what its event produced next;
where an event skips some, the record before has to say that something is
missing. Prints as json:

  bytes      of all streams, without those that ptcap has inserted
  skipped    bytes that events went over between two pieces
  events, losses (records that say so), synthetic (inserted bytes)

With --cut the stream may end anywhere. --thread: of one thread, by an event
that goes with it from CPU to CPU; else events are of one CPU.
"""

import array
import json
import struct
import sys

RECORD_AUX = 11
RECORD_AUXTRACE = 71
TRUNCATED = 1
NONE = 0xFFFFFFFF
# TID, TIME, ID, CPU, IDENTIFIER: behind each record of the kernel's
TRAILER = struct.Struct("<IIQQIIQ")
# What ptcap puts in front of what follows a loss: PSB, MODE.Exec, PSBEND
PSB = b"\x02\x82" * 8
INSERTED = len(PSB) + 2 + 2


def records(data):
    at = 16  # the pipe header
    while at + 8 <= len(data):
        kind, _, size = struct.unpack_from("<IHH", data, at)
        if size < 8:
            sys.exit(f"a record of {size} bytes at {at}")
        payload = 0
        if kind == RECORD_AUXTRACE:
            payload = struct.unpack_from("<Q", data, at + 8)[0]
        end = at + size + payload
        if end > len(data):
            return
        yield kind, at, at + size, end
        at = end


def read(data):
    """The bytes of each stream, by tid and cpu, and its AUX records."""
    streams, pieces = {}, []
    for kind, at, payload, end in records(data):
        if kind == RECORD_AUXTRACE:
            offset, _, idx, tid, cpu, padding = struct.unpack_from(
                "<QQIIII", data, at + 16
            )
            stream = streams.setdefault((tid, cpu), bytearray())
            if offset != len(stream):
                sys.exit(f"stream {idx} goes on at {offset}, not {len(stream)}")
            stream += data[payload : end - padding]
        elif kind == RECORD_AUX:
            offset, size, flags = struct.unpack_from("<QQQ", data, at + 8)
            _, tid, _, _, cpu, _, _ = TRAILER.unpack_from(data, payload - TRAILER.size)
            pieces.append((offset, size, flags, tid, cpu))
    return streams, pieces


class Check:
    def __init__(self, canned, cut, thread):
        self.canned, self.cut, self.thread = canned, cut, thread
        self.next = {}  # where in the file each event stands
        # Whether something is, behind the last bytes of each stream and event:
        # a thread whose bytes are lost on one CPU goes on, on another.
        self.missing = {}
        self.bytes = self.skipped = self.losses = self.synthetic = 0

    def piece(self, key, event, data):
        if self.missing.get(key) and data.startswith(PSB):
            data = data[INSERTED:]
            self.synthetic += INSERTED
        if not data:
            return
        expected = self.next.get(event, 0)
        at = self.find(bytes(data), expected)
        if at is None:
            sys.exit(f"{event}: other bytes than behind {expected}")
        skipped = (at - expected) % len(self.canned)
        if skipped and not (self.missing.get(key) or self.missing.get(event)):
            sys.exit(f"{event}: stands at {at}, not {expected}, without a loss")
        self.next[event] = (at + len(data)) % len(self.canned)
        self.bytes += len(data)
        self.skipped += skipped
        self.missing[key] = self.missing[event] = False

    def find(self, data, expected):
        """Where in the file the data stand: as expected, or as they say."""
        places = [expected]
        for shift in range(4):
            if len(data) >= shift + 4:
                word = struct.unpack_from("<I", data, shift)[0]
                places.append((word * 4 - shift) % len(self.canned))
        for at in places:
            rounds = len(data) // len(self.canned) + 1
            if (self.canned[at:] + self.canned * rounds).startswith(data):
                return at
        return None

    def run(self, streams, pieces):
        done = dict.fromkeys(streams, 0)
        for offset, size, flags, tid, cpu in pieces:
            key = (tid, NONE) if (tid, NONE) in streams else (NONE, cpu)
            if key not in streams:
                if size and not self.cut:
                    sys.exit(f"{size} bytes of thread {tid} are not there")
                continue
            if offset != done[key]:
                sys.exit(f"{key}: a record of {offset} follows {done[key]}")
            done[key] += size
            data = streams[key][offset : offset + size]
            if len(data) != size and not self.cut:
                sys.exit(f"{key}: {size - len(data)} bytes are not there")
            # A thread has an event on each CPU, a CPU one for all threads.
            event = (*key, NONE if self.thread else cpu)
            self.piece(key, event, data)
            if flags & TRUNCATED:
                self.missing[key] = self.missing[event] = True
                self.losses += 1
        for key, stream in streams.items():
            if len(stream) > done[key]:
                sys.exit(f"{key}: no record of {len(stream) - done[key]} bytes")
        return {
            "bytes": self.bytes,
            "skipped": self.skipped,
            "losses": self.losses,
            "synthetic": self.synthetic,
            "events": len(self.next),
        }


def main():
    if sys.argv[1] == "make":
        words = array.array("I", range(int(sys.argv[2]) // 4))
        sys.stdout.buffer.write(words.tobytes())
        return
    canned = open(sys.argv[2], "rb").read()
    check = Check(canned, "--cut" in sys.argv, "--thread" in sys.argv)
    print(json.dumps(check.run(*read(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
