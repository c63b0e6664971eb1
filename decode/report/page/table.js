// SPDX-License-Identifier: MIT
//
// A table that sorts by its headings, filters by text and makes rows only as
// far as they are asked for.

import {count_text, make} from './text.js';

const page_rows = 300;

// columns: [{title, value(i), text(i) optional, number: bool, node(i) opt.}]
// search(i): the text that the filter looks into.
export class Table {
  constructor({label, size, columns, search, sort_column = 0}) {
    Object.assign(this, {columns, search});
    this.all = Array.from({length: size}, (_, i) => i);
    this.shown = page_rows;
    this.sorted_by = sort_column;
    this.falling = Boolean(columns[sort_column].number);
    this.filter = make('input', {
      type: 'search', placeholder: 'filter', 'aria-label': `Filter ${label}`,
      oninput: () => this.update(),
    });
    this.status = make('span', {class: 'dim', 'aria-live': 'polite'});
    this.head = make('tr');
    this.body = make('tbody');
    this.more = make('button', {
      type: 'button', onclick: () => { this.shown *= 4; this.update(); },
    }, 'More');
    this.node = make('div', {},
        make('div', {class: 'bar'}, this.filter, this.status),
        make('div', {class: 'scroll', tabindex: '0', role: 'region',
                     'aria-label': label},
            make('table', {}, make('thead', {}, this.head), this.body)),
        make('div', {class: 'bar'}, this.more));
    this.update();
  }

  update() {
    const wanted = this.filter.value.toLowerCase();
    const rows = wanted ?
        this.all.filter((i) => this.search(i).toLowerCase().includes(wanted)) :
        this.all.slice();
    const value = this.columns[this.sorted_by].value;
    const sign = this.falling ? -1 : 1;
    rows.sort((a, b) => {
      const left = value(a);
      const right = value(b);
      return left < right ? -sign : left > right ? sign : a - b;
    });
    this.head.replaceChildren(...this.columns.map((c, i) => this.heading(c, i)));
    this.body.replaceChildren(
        ...rows.slice(0, this.shown).map((i) => this.row(i)));
    this.more.hidden = rows.length <= this.shown;
    const visible = Math.min(rows.length, this.shown);
    this.status.textContent =
        `${count_text(visible)} of ${count_text(this.all.length)}`;
  }

  heading(column, index) {
    const sorted = index === this.sorted_by;
    const arrow = sorted ? (this.falling ? ' ▾' : ' ▴') : '';
    const button = make('button', {
      type: 'button',
      onclick: () => {
        this.falling = sorted ? !this.falling : Boolean(column.number);
        this.sorted_by = index;
        this.update();
        this.head.children[index].firstChild.focus();
      },
    }, column.title + arrow);
    return make('th', {
      scope: 'col', class: column.number ? 'number' : '',
      'aria-sort': sorted ? (this.falling ? 'descending' : 'ascending') : 'none',
    }, button);
  }

  row(i) {
    return make('tr', {}, ...this.columns.map((column) => {
      const content = column.node ? column.node(i) :
          column.text ? column.text(i) :
          column.number ? count_text(column.value(i)) : column.value(i);
      return make('td', {class: column.number ? 'number' : ''}, content);
    }));
  }
}
