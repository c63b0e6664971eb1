// SPDX-License-Identifier: MIT
//
// Flame graph and icicle over the call tree, with zoom into a node.

import {SpanCanvas, paint_span, row_height} from './canvas.js';
import {count_text, make, percent_text} from './text.js';

// tree: {parent[], function[], self[], calls[]}, a parent before its children,
// node 0 the root. Adds total[], depth[], left[] (where it begins, in weight).
function lay_out(tree) {
  const size = tree.parent.length;
  const total = Float64Array.from(tree.self);
  for (let i = size - 1; i > 0; --i) total[tree.parent[i]] += total[i];
  const depth = new Uint16Array(size);
  const left = new Float64Array(size);
  const filled = new Float64Array(size);
  for (let i = 1; i < size; ++i) {
    const parent = tree.parent[i];
    depth[i] = depth[parent] + 1;
    left[i] = left[parent] + filled[parent];
    filled[parent] += total[i];
  }
  return {...tree, total, depth, left, size,
          deepest: depth.reduce((a, b) => Math.max(a, b), 0)};
}

export class FlameView {
  constructor(summary) {
    this.summary = summary;
    this.tree = lay_out(summary.tree);
    this.root = 0;
    this.upward = false;
    this.rows = Math.min(this.tree.deepest + 1, 120);
    this.canvas = new SpanCanvas({
      label: 'Flame graph of calls; the functions view lists the same numbers',
      height: this.rows * row_height,
      paint: (context, width) => this.paint(context, width),
      describe: (x, y) => this.describe(this.node_at(x, y)),
    });
    this.canvas.canvas.addEventListener('click', (event) => {
      const node = this.node_at(event.offsetX, event.offsetY);
      if (node !== undefined) this.zoom(node);
    });
    this.canvas.canvas.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' || event.key === 'Backspace') this.zoom(0);
    });
    this.where = make('span', {class: 'mono', 'aria-live': 'polite'});
    this.node = make('section', {},
        make('div', {class: 'bar'},
            make('button', {type: 'button', onclick: () => this.zoom(0)},
                'Whole program'),
            make('button', {type: 'button', onclick: () => {
              this.upward = !this.upward;
              this.canvas.draw();
            }}, 'Flame / icicle'),
            this.where),
        this.canvas.node);
    this.zoom(0);
  }

  name(node) {
    return node === 0 ? 'all' :
        this.summary.functions.name[this.tree.function[node]];
  }

  zoom(node) {
    this.root = node;
    this.where.textContent = this.describe(node).replace('\n', ' · ');
    this.canvas.draw();
  }

  describe(node) {
    if (node === undefined) return '';
    const {total, self, calls} = this.tree;
    return `${this.name(node)}\n${count_text(total[node])} instructions ` +
        `(${percent_text(total[node], total[0])}), ` +
        `${count_text(self[node])} of its own, ` +
        `${count_text(calls[node])} calls`;
  }

  // {x, y, width} of a node, or undefined where it is not in the picture.
  place(node, width) {
    const {left, total, depth} = this.tree;
    const scale = width / (total[this.root] || 1);
    let x = (left[node] - left[this.root]) * scale;
    let w = total[node] * scale;
    const above = depth[node] <= depth[this.root];
    if (above) {
      if (!this.is_ancestor(node, this.root)) return undefined;
      x = 0;
      w = width;
    }
    if (x + w <= 0 || x >= width || w < 0.3) return undefined;
    const row = this.upward ? this.rows - 1 - depth[node] : depth[node];
    return {x, y: row * row_height, width: w};
  }

  is_ancestor(node, of) {
    while (of > node) of = this.tree.parent[of];
    return of === node;
  }

  paint(context, width) {
    context.clearRect(0, 0, width, this.canvas.height);
    this.painted = [];
    for (let node = 0; node < this.tree.size; ++node) {
      if (this.tree.depth[node] >= this.rows) continue;
      const place = this.place(node, width);
      if (!place) continue;
      this.painted.push({node, ...place});
      paint_span(context, place.x, place.y, place.width, this.name(node));
    }
  }

  node_at(x, y) {
    const hit = (this.painted || []).find((p) =>
        x >= p.x && x < p.x + p.width && y >= p.y && y < p.y + row_height);
    return hit && hit.node;
  }
}
