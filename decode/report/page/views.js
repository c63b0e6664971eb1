// SPDX-License-Identifier: MIT
//
// The views that are lists: overview, functions, branches, code, coverage.

import {Table} from './table.js';
import {count_text, make, percent_text, time_text} from './text.js';

export function overview(summary) {
  const facts = make('dl', {class: 'facts'});
  for (const [name, value] of summary.facts) {
    facts.append(make('dt', {}, name), make('dd', {class: 'mono'}, value));
  }
  const ledger = make('ul', {}, ...summary.ledger.lines.map((line) =>
      make('li', {class: summary.ledger.complete ? 'good' : 'bad'}, line)),
      ...(summary.ledger.notes ?? []).map((line) => make('li', {}, line)));
  const section = make('section', {},
      make('h2', {}, 'What was run'), facts,
      make('h2', {}, 'Is anything missing?'), ledger);
  if (summary.gaps.length) {
    const gaps = summary.gaps;
    section.append(make('h2', {}, 'Gaps'), new Table({
      label: 'Gaps in the flow', size: gaps.length,
      search: (i) => gaps[i].text,
      columns: [
        {title: 'time', number: true, value: (i) => gaps[i].time,
         text: (i) => time_text(gaps[i].time)},
        {title: 'thread', value: (i) => summary.threads[gaps[i].thread].tid},
        {title: 'cause', value: (i) => gaps[i].cause},
        {title: 'what was found', value: (i) => gaps[i].text},
      ],
    }).node);
  }
  return section;
}

export function functions(summary, open_code) {
  const f = summary.functions;
  const whole = f.self.reduce((a, b) => a + b, 0);
  const with_code = new Set(summary.code.map((code) => code.function));
  return new Table({
    label: 'Functions', size: f.name.length, sort_column: 2,
    search: (i) => `${f.name[i]} ${f.module[i]}`,
    columns: [
      {title: 'function', value: (i) => f.name[i],
       node: (i) => with_code.has(i) ? make('button', {
         type: 'button', class: 'mono', onclick: () => open_code(i),
       }, f.name[i]) : make('span', {class: 'mono'}, f.name[i])},
      {title: 'module', value: (i) => f.module[i]},
      {title: 'own instructions', number: true, value: (i) => f.self[i]},
      {title: 'share', number: true, value: (i) => f.self[i],
       text: (i) => percent_text(f.self[i], whole)},
      {title: 'with callees', number: true, value: (i) => f.total[i]},
      {title: 'calls', number: true, value: (i) => f.calls[i]},
      {title: 'time with callees', number: true, value: (i) => f.time[i],
       text: (i) => time_text(f.time[i])},
    ],
  }).node;
}

export function branches(summary) {
  const b = summary.branches;
  const runs = (i) => b.taken[i] + b.not_taken[i];
  return new Table({
    label: 'Branches that ran most', size: b.from.length, sort_column: 3,
    search: (i) => `${b.from[i]} ${b.where[i]} ${b.kind[i]}`,
    columns: [
      {title: 'address', value: (i) => b.from[i],
       node: (i) => make('span', {class: 'mono'}, b.from[i])},
      {title: 'in', value: (i) => b.where[i]},
      {title: 'kind', value: (i) => b.kind[i]},
      {title: 'ran', number: true, value: runs},
      {title: 'taken', number: true, value: (i) => b.taken[i] / runs(i),
       text: (i) => percent_text(b.taken[i], runs(i))},
      {title: 'not taken', number: true, value: (i) => b.not_taken[i]},
    ],
  }).node;
}

export function coverage(summary) {
  const section = make('section', {});
  const add = (title, list, unit) => {
    if (!list.length) return;
    section.append(make('h2', {}, title), new Table({
      label: title, size: list.length, sort_column: 1,
      search: (i) => list[i].name,
      columns: [
        {title: 'name', value: (i) => list[i].name},
        {title: `${unit} that ran`, number: true, value: (i) => list[i].hit},
        ...(list.some((one) => one.all) ? [
          {title: `of all ${unit}`, number: true, value: (i) => list[i].all,
           text: (i) => list[i].all ? count_text(list[i].all) : ''},
          {title: 'share', number: true,
           value: (i) => list[i].all ? list[i].hit / list[i].all : -1,
           text: (i) => percent_text(list[i].hit, list[i].all)},
        ] : []),
      ],
    }).node);
  };
  add('Modules', summary.modules, 'bytes of code');
  add('Source files', summary.files, 'lines');
  return section;
}

// Disassembly with source and counts, a function at a time.
export class CodeView {
  constructor(summary) {
    this.summary = summary;
    const name = summary.functions.name;
    this.select = make('select', {
      'aria-label': 'Function',
      onchange: () => this.show(Number(this.select.value)),
    }, ...summary.code.map((code, i) => make('option', {value: i},
        name[code.function])));
    this.body = make('tbody');
    this.node = make('section', {},
        make('div', {class: 'bar'}, this.select),
        make('div', {class: 'scroll', tabindex: '0', role: 'region',
                     'aria-label': 'Instructions with counts'},
            make('table', {}, make('thead', {}, make('tr', {},
                make('th', {scope: 'col', class: 'number'}, 'ran'),
                make('th', {scope: 'col'}, 'address'),
                make('th', {scope: 'col'}, 'instruction'))),
            this.body)));
    if (summary.code.length) this.show(0);
  }

  show_function(index) {
    const at = this.summary.code.findIndex((code) => code.function === index);
    if (at < 0) return;
    this.select.value = at;
    this.show(at);
  }

  show(index) {
    const {lines} = this.summary.code[index];
    const most = lines.reduce((a, line) => Math.max(a, line.count || 0), 1);
    this.body.replaceChildren(...lines.map((line) => {
      if (line.source !== undefined) {
        return make('tr', {}, make('td'),
            make('td', {class: 'dim', colspan: '2'},
                make('code', {}, line.source)));
      }
      const heat = line.count ? 0.06 + 0.34 * line.count / most : 0;
      return make('tr', {style: `background: rgba(var(--heat), ${heat})`},
          make('td', {class: 'number'}, line.count ? count_text(line.count) : ''),
          make('td', {class: 'mono'}, line.address),
          make('td', {}, make('code', {}, line.text)));
    }));
  }
}
