// SPDX-License-Identifier: MIT
//
// Numbers and elements for people. Names come from traced programs and are
// hostile: they only ever reach the page as text nodes.

export function count_text(value) {
  return Math.round(value).toLocaleString('en-US');
}

export function percent_text(part, whole) {
  return whole > 0 ? `${(100 * part / whole).toFixed(1)} %` : '';
}

export function time_text(ns) {
  const sign = ns < 0 ? '-' : '';
  const size = Math.abs(ns);
  for (const [unit, scale] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]]) {
    if (size >= scale) {
      return `${sign}${(size / scale).toPrecision(4)} ${unit}`;
    }
  }
  return `${sign}${Number(size.toFixed(1))} ns`;
}

// make('td', {class: 'number'}, 'text', child...)
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}
