// SPDX-License-Identifier: MIT
//
// What the page knows: the summary (JSON) and, per thread, its calls (packed,
// unpacked when first shown). decode/report/ writes both.

export function element(id) {
  return document.getElementById(id);
}

export function load_summary() {
  return JSON.parse(element('summary').textContent);
}

async function inflate(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(
      new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// LEB128 numbers one after the other. Values stay below 2^53.
class Varints {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  next() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
}

// The calls of one thread, a row of spans per depth. Spans of a row are sorted
// and do not overlap.
export class Calls {
  constructor(rows, start, end) {
    this.rows = rows;  // of {begin: Float64Array, end, callee: Uint32Array}
    this.start = start;
    this.end = end;
  }

  // Index of the first span of the row that ends after `time`.
  static first_after(row, time) {
    let low = 0;
    let high = row.end.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (row.end[middle] > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

// Packed form, per call in order of entry: entry since the last entry,
// duration, callee, depth.
export async function load_calls(thread_index, thread) {
  const holder = element(`calls-${thread_index}`);
  if (!holder) return new Calls([], thread.start, thread.end);
  const numbers = new Varints(await inflate(holder.textContent.trim()));
  const count = thread.calls;
  const sizes = [];
  const begin = new Float64Array(count);
  const end = new Float64Array(count);
  const callee = new Uint32Array(count);
  const depth = new Uint16Array(count);
  let entered = thread.start;
  for (let i = 0; i < count; ++i) {
    entered += numbers.next();
    begin[i] = entered;
    end[i] = entered + numbers.next();
    callee[i] = numbers.next();
    depth[i] = numbers.next();
    sizes[depth[i]] = (sizes[depth[i]] || 0) + 1;
  }
  const rows = Array.from(sizes, (size) => ({
    begin: new Float64Array(size || 0),
    end: new Float64Array(size || 0),
    callee: new Uint32Array(size || 0),
    size: 0,
  }));
  for (let i = 0; i < count; ++i) {
    const row = rows[depth[i]];
    row.begin[row.size] = begin[i];
    row.end[row.size] = end[i];
    row.callee[row.size++] = callee[i];
  }
  return new Calls(rows, thread.start, thread.end);
}
