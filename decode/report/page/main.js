// SPDX-License-Identifier: MIT
//
// Puts the page together: tabs, theme, views made when first opened.

import {element, load_summary} from './data.js';
import {FlameView} from './flame.js';
import {make} from './text.js';
import {TimelineView} from './timeline.js';
import {branches, CodeView, coverage, functions, overview} from './views.js';

class Page {
  constructor(summary) {
    this.summary = summary;
    this.views = new Map();
    this.tabs = new Map();
    this.makers = {
      Overview: () => overview(summary),
      Functions: () => functions(summary, (i) => this.open_code(i)),
      Flame: () => new FlameView(summary).node,
      Timeline: () => new TimelineView(summary).node,
      Branches: () => branches(summary),
      Code: () => (this.code = new CodeView(summary)).node,
      Coverage: () => coverage(summary),
    };
    for (const name of Object.keys(this.makers)) this.add_tab(name);
    element('tabs').addEventListener('keydown', (event) => this.on_key(event));
  }

  add_tab(name) {
    const tab = make('button', {
      type: 'button', role: 'tab', id: `tab-${name}`,
      'aria-controls': `view-${name}`, 'aria-selected': 'false',
      tabindex: '-1', onclick: () => this.open(name),
    }, name);
    this.tabs.set(name, tab);
    element('tabs').append(tab);
    element('views').append(make('div', {
      role: 'tabpanel', id: `view-${name}`, 'aria-labelledby': `tab-${name}`,
      hidden: '',
    }));
  }

  on_key(event) {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const names = [...this.tabs.keys()];
    const at = names.indexOf(this.current);
    const next = names[(at + step + names.length) % names.length];
    this.open(next);
    this.tabs.get(next).focus();
  }

  open(name) {
    this.current = name;
    for (const [other, tab] of this.tabs) {
      const selected = other === name;
      tab.setAttribute('aria-selected', selected);
      tab.tabIndex = selected ? 0 : -1;
      element(`view-${other}`).hidden = !selected;
    }
    if (!this.views.has(name)) {
      this.views.set(name, this.makers[name]());
      element(`view-${name}`).append(this.views.get(name));
    }
    history.replaceState(null, '', `#${name}`);
  }

  open_code(index) {
    this.open('Code');
    this.code.show_function(index);
  }
}

function listen_to_theme() {
  const root = document.documentElement;
  const changed = () => dispatchEvent(new Event('themechange'));
  element('theme').addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' :
        matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

const summary = load_summary();
document.title = `${summary.title} – ptdec report`;
element('title').textContent = summary.title;
listen_to_theme();
const page = new Page(summary);
const wanted = decodeURIComponent(location.hash.slice(1));
page.open(wanted in page.makers ? wanted : 'Overview');
