// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A report page with made-up data of any size, for tests of the page alone.

import {gzipSync} from 'node:zlib';

function push_varint(bytes, value) {
  while (value >= 0x80) {
    bytes.push(value % 128 + 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
}

// `count` calls: a main that calls, ten calls wide at each of a few depths.
function packed_calls(count, function_count) {
  const parts = [];
  let bytes = [];
  const depth_of = (i) => i === 0 ? 0 : 1 + (i % 5 === 1 ? 0 : (i - 1) % 5);
  for (let i = 0; i < count; ++i) {
    const depth = depth_of(i);
    push_varint(bytes, i === 0 ? 0 : 10);
    push_varint(bytes, depth === 0 ? count * 10 : (6 - depth) * 10 - 5);
    push_varint(bytes, depth === 0 ? 0 : 1 + (i % (function_count - 1)));
    push_varint(bytes, depth);
    if (bytes.length > 1 << 16) {
      parts.push(Buffer.from(bytes));
      bytes = [];
    }
  }
  parts.push(Buffer.from(bytes));
  return gzipSync(Buffer.concat(parts)).toString('base64');
}

export function synthetic_page(page, {calls = 1000, name = 'f'} = {}) {
  const size = 50;
  const list = (make) => Array.from({length: size}, (_, i) => make(i));
  const summary = {
    version: 1,
    title: 'sample_words to be or not to be',
    facts: [['command', 'sample_words to be'], ['host', 'a.host'],
            ['source', 'step'], ['span', '1.2 s']],
    ledger: {complete: true, lines: ['Every byte of the trace was decoded.']},
    modules: [{name: '/usr/bin/words', hit: 20, all: 100}],
    files: [{name: 'words.cc', hit: 10, all: 12}],
    functions: {
      name: list((i) => i === 0 ? 'main' : `${name}${i}`),
      module: list((i) => i % 2 ? 'words' : 'libc.so.6'),
      self: list((i) => i * i), total: list((i) => i * i * 2),
      calls: list((i) => i + 1), time: list((i) => i * 1000),
    },
    tree: {
      parent: list((i) => i === 0 ? 0 : Math.floor((i - 1) / 3)),
      function: list((i) => i), self: list(() => 10), calls: list(() => 1),
    },
    threads: [
      {pid: 1, tid: 1, name: 'words', start: 0, end: calls * 10, calls},
      {pid: 1, tid: 2, name: 'idle', start: 5, end: 6, calls: 0},
    ],
    gaps: [{thread: 0, time: calls * 5, cause: 'overflow', text: 'OVF'}],
    branches: {
      from: list((i) => (0x401000 + i).toString(16)), where: list(() => 'main'),
      kind: list(() => 'jcc'), taken: list((i) => i + 1),
      not_taken: list((i) => size - i),
    },
    code: [{function: 1, lines: [
      {source: 'for (int i = 0; i < 3; ++i)'},
      {address: '401000', text: 'add rax, 1', count: 3},
      {address: '401004', text: 'ret', count: 1}, {address: '401005', text: 'nop'},
    ]}],
    rate: {step_ns: calls / 10, bytes: list((i) => i % 7 * 100)},
  };
  const json = JSON.stringify(summary).replaceAll('<', '\\u003c');
  const data = `<script type="application/json" id="summary">${json}</script>\n` +
      `<script type="text/plain" id="calls-0">${packed_calls(calls, size)}</script>`;
  return page.replace('<!--DATA-->', () => data);
}
