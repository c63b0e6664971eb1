#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
"""aux_bytes.py CANNED <STREAM

Reads a perf.data pipe stream (zstd -dc of a .ptz) whose AUX data is a file's
bytes repeated, each stream from the file's beginning, and checks every byte.
Prints the number of bytes of all streams. A stream that is cut short is a
stream; other bytes than the file's are an error.
"""

import struct
import sys

RECORD_AUXTRACE = 71


def records(data):
    at = 16  # the pipe header
    while at + 8 <= len(data):
        kind, _, size = struct.unpack_from("<IHH", data, at)
        if size < 8:
            sys.exit(f"a record of {size} bytes at {at}")
        payload = 0
        if kind == RECORD_AUXTRACE:
            payload = struct.unpack_from("<Q", data, at + 8)[0]
        yield kind, at, at + size, at + size + payload
        at += size + payload


def main():
    canned = open(sys.argv[1], "rb").read()
    data = sys.stdin.buffer.read()
    ends = {}
    for kind, begin, payload, end in records(data):
        if kind != RECORD_AUXTRACE or end > len(data):
            continue
        offset, _, idx, _, _, padding = struct.unpack_from("<QQIIII", data, begin + 16)
        if offset != ends.get(idx, 0):
            sys.exit(f"stream {idx} goes on at {offset}, not {ends.get(idx, 0)}")
        size = end - payload - padding
        begin_in_file = offset % len(canned)
        count = (begin_in_file + size) // len(canned) + 1
        expected = (canned * count)[begin_in_file : begin_in_file + size]
        if data[payload : payload + size] != expected:
            sys.exit(f"stream {idx}: other bytes behind {offset}")
        ends[idx] = offset + size
    print(sum(ends.values()))


main()
