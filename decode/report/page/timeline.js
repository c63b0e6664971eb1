// SPDX-License-Identifier: MIT
//
// The calls of a thread over time, from the whole run down to single ones.
// What is narrower than a pixel is skipped by searching for the next pixel's
// span, so that a picture costs pixels times rows, whatever the trace holds.

import {paint_span, row_height, SpanCanvas} from './canvas.js';
import {Calls, load_calls} from './data.js';
import {count_text, make, time_text} from './text.js';

const axis_height = 24;
const rate_height = 28;
const most_rows = 60;

export class TimelineView {
  constructor(summary) {
    this.summary = summary;
    this.loaded = new Map();
    this.canvas = new SpanCanvas({
      label: 'Calls over time. Arrow keys move, plus and minus zoom, 0 shows ' +
          'all.',
      height: axis_height + rate_height + 10 * row_height,
      paint: (context, width, height) => this.paint(context, width, height),
      describe: (x, y) => this.describe(x, y),
    });
    this.where = make('span', {class: 'mono', 'aria-live': 'polite'});
    this.select = make('select', {
      'aria-label': 'Thread',
      onchange: () => this.show_thread(Number(this.select.value)),
    }, ...summary.threads.map((thread, i) => make('option', {value: i},
        `${thread.name} (${thread.pid}/${thread.tid}), ` +
        `${count_text(thread.calls)} calls`)));
    const button = (text, label, action) => make('button',
        {type: 'button', 'aria-label': label, onclick: action}, text);
    this.node = make('section', {},
        make('div', {class: 'bar'}, this.select,
            button('+', 'Zoom in', () => this.zoom(0.5)),
            button('−', 'Zoom out', () => this.zoom(2)),
            button('All', 'Show all', () => this.show_all()),
            this.where),
        this.canvas.node);
    this.listen();
    // The busiest one says most of the run.
    const calls = summary.threads.map((thread) => thread.calls);
    const busiest = Math.max(0, calls.indexOf(Math.max(...calls)));
    this.select.value = String(busiest);
    if (summary.threads.length) this.show_thread(busiest);
  }

  listen() {
    const canvas = this.canvas.canvas;
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.move(event.deltaX / this.canvas.width);
      } else {
        this.zoom(Math.exp(event.deltaY * 0.002),
            event.offsetX / this.canvas.width);
      }
    }, {passive: false});
    let held = null;
    canvas.addEventListener('pointerdown', (event) => {
      held = event.offsetX;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (held === null) return;
      this.move((held - event.offsetX) / this.canvas.width);
      held = event.offsetX;
    });
    canvas.addEventListener('pointerup', () => { held = null; });
    canvas.addEventListener('dblclick', (event) => {
      this.zoom(0.25, event.offsetX / this.canvas.width);
    });
    canvas.addEventListener('keydown', (event) => {
      const action = {
        ArrowLeft: () => this.move(-0.2), a: () => this.move(-0.2),
        ArrowRight: () => this.move(0.2), d: () => this.move(0.2),
        '+': () => this.zoom(0.5), w: () => this.zoom(0.5),
        ArrowUp: () => this.zoom(0.5), ArrowDown: () => this.zoom(2),
        '-': () => this.zoom(2), s: () => this.zoom(2),
        0: () => this.show_all(),
      }[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    });
  }

  async show_thread(index) {
    this.thread_index = index;
    if (!this.loaded.has(index)) {
      this.loaded.set(index,
          await load_calls(index, this.summary.threads[index]));
    }
    if (this.thread_index !== index) return;
    this.calls = this.loaded.get(index);
    const rows = Math.min(Math.max(this.calls.rows.length, 3), most_rows);
    this.canvas.set_height(axis_height + rate_height + rows * row_height);
    this.show_all();
  }

  show_all() {
    if (!this.calls) return;
    this.show(this.calls.start, this.calls.end);
  }

  // Shows [begin, end), kept within the thread's life.
  show(begin, end) {
    const {start, end: last} = this.calls;
    const length = Math.min(Math.max(end - begin, 10), Math.max(last - start, 10));
    this.begin = Math.min(Math.max(begin, start), Math.max(last - length, start));
    this.length = length;
    this.where.textContent =
        `${time_text(this.begin)} … ${time_text(this.begin + length)} ` +
        `(${time_text(length)})`;
    this.canvas.draw();
  }

  move(part) {
    this.show(this.begin + part * this.length,
        this.begin + (1 + part) * this.length);
  }

  zoom(factor, at = 0.5) {
    const fixed = this.begin + at * this.length;
    const length = this.length * factor;
    this.show(fixed - at * length, fixed + (1 - at) * length);
  }

  paint(context, width, height) {
    context.clearRect(0, 0, width, height);
    if (!this.calls) return;
    const scale = width / this.length;
    this.paint_axis(context, width, scale);
    this.paint_rate(context, width, scale);
    const names = this.summary.functions.name;
    const rows = Math.min(this.calls.rows.length, most_rows);
    for (let depth = 0; depth < rows; ++depth) {
      const row = this.calls.rows[depth];
      const y = axis_height + rate_height + depth * row_height;
      let i = Calls.first_after(row, this.begin);
      while (i < row.size) {
        const x = (row.begin[i] - this.begin) * scale;
        if (x > width) break;
        const span = (row.end[i] - row.begin[i]) * scale;
        paint_span(context, x, y, span, names[row.callee[i]]);
        if (span >= 1) {
          ++i;
        } else {
          const next = Calls.first_after(row,
              this.begin + (Math.floor(x) + 1) / scale);
          i = Math.max(next, i + 1);
        }
      }
    }
    this.paint_gaps(context, width, height, scale);
  }

  paint_axis(context, width, scale) {
    const rough = 110 / scale;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= rough);
    context.fillStyle = context.theme.dim;
    context.strokeStyle = context.theme.line;
    const first = Math.ceil(this.begin / step) * step;
    for (let t = first; t < this.begin + this.length; t += step) {
      const x = (t - this.begin) * scale;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, this.canvas.height);
      context.stroke();
      context.fillText(time_text(t), x + 3, axis_height / 2);
    }
  }

  // Trace bytes over time, as a band under the axis.
  paint_rate(context, width, scale) {
    const {step_ns, bytes} = this.summary.rate;
    const most = bytes.reduce((a, b) => Math.max(a, b), 1);
    context.fillStyle = context.theme.dim;
    bytes.forEach((size, i) => {
      const x = (i * step_ns - this.begin) * scale;
      const w = Math.max(step_ns * scale, 0.5);
      if (x + w < 0 || x > width) return;
      const h = (rate_height - 4) * size / most;
      context.fillRect(x, axis_height + rate_height - 2 - h, w, h);
    });
  }

  paint_gaps(context, width, height, scale) {
    context.fillStyle = context.theme.bad;
    for (const gap of this.summary.gaps) {
      if (gap.thread !== this.thread_index) continue;
      const x = (gap.time - this.begin) * scale;
      if (x >= -2 && x <= width) context.fillRect(x - 1, axis_height, 2, height);
    }
  }

  describe(x, y) {
    if (!this.calls) return '';
    const time = this.begin + x / this.canvas.width * this.length;
    const row = this.calls.rows[
        Math.floor((y - axis_height - rate_height) / row_height)];
    if (!row) return time_text(time);
    const i = Calls.first_after(row, time);
    if (i >= row.size || row.begin[i] > time) return time_text(time);
    const callee = row.callee[i];
    const {name, module} = this.summary.functions;
    return `${name[callee]}\n${module[callee]}\n` +
        `${time_text(row.end[i] - row.begin[i])} from ` +
        time_text(row.begin[i]);
  }
}
