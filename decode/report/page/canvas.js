// SPDX-License-Identifier: MIT
//
// A canvas of coloured spans in rows, as the flame graph and the timeline have
// it: size, pixel ratio, colours, tooltip, pointer.

import {element} from './data.js';
import {make} from './text.js';

export const row_height = 20;

const colours = new Map();

// One colour per name, the same in every view.
export function colour_of(name, dark) {
  const key = name + (dark ? '\u0000d' : '');
  let colour = colours.get(key);
  if (!colour) {
    let hash = 2166136261;
    for (let i = 0; i < name.length; ++i) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
    }
    const hue = (hash >>> 0) % 360;
    colour = dark ? `hsl(${hue} 40% 32%)` : `hsl(${hue} 65% 80%)`;
    colours.set(key, colour);
  }
  return colour;
}

export function is_dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' :
      matchMedia('(prefers-color-scheme: dark)').matches;
}

export function show_tooltip(event, text) {
  const tooltip = element('tooltip');
  tooltip.hidden = !text;
  if (!text) return;
  tooltip.textContent = text;
  const box = tooltip.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, innerWidth - box.width - 4);
  const top = event.clientY + 18 + box.height > innerHeight ?
      event.clientY - box.height - 8 : event.clientY + 18;
  tooltip.style.left = `${Math.max(4, left)}px`;
  tooltip.style.top = `${Math.max(4, top)}px`;
}

// Draws through `paint(context, width, height)` at most once a frame.
export class SpanCanvas {
  constructor({label, height, paint, describe}) {
    this.paint = paint;
    this.canvas = make('canvas', {
      tabindex: '0', role: 'img', 'aria-label': label,
    });
    this.node = make('div', {class: 'canvas'}, this.canvas);
    this.set_height(height);
    this.canvas.addEventListener('pointermove', (event) => {
      show_tooltip(event, describe(event.offsetX, event.offsetY));
    });
    this.canvas.addEventListener('pointerleave', (event) => {
      show_tooltip(event, '');
    });
    new ResizeObserver(() => this.draw()).observe(this.node);
    addEventListener('themechange', () => this.draw());
  }

  set_height(height) {
    this.height = height;
    this.canvas.style.height = `${height}px`;
  }

  get width() {
    return this.canvas.clientWidth;
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const ratio = devicePixelRatio || 1;
      const width = this.width;
      if (!width) return;
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(this.height * ratio);
      const context = this.canvas.getContext('2d');
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const style = getComputedStyle(document.documentElement);
      context.theme = {
        text: style.getPropertyValue('--text'),
        dim: style.getPropertyValue('--dim'),
        line: style.getPropertyValue('--line'),
        bad: style.getPropertyValue('--bad'),
        dark: is_dark(),
      };
      context.font = '12px system-ui, sans-serif';
      context.textBaseline = 'middle';
      this.paint(context, width, this.height);
    });
  }
}

// One span with its name, as far as that fits.
export function paint_span(context, x, y, width, name) {
  context.fillStyle = colour_of(name, context.theme.dark);
  const drawn = Math.max(width - (width > 3 ? 0.5 : 0), 0.7);
  context.fillRect(x, y, drawn, row_height - 1);
  const left = Math.max(x, 0);
  const room = x + width - left - 6;
  if (room < 24) return;
  context.fillStyle = context.theme.text;
  const letters = Math.floor(room / 6.2);
  const text = name.length > letters ?
      name.slice(0, Math.max(letters - 1, 1)) + '…' : name;
  context.fillText(text, left + 3, y + row_height / 2);
}
