// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// report_page.mjs PAGE.html MODULES [CALLS]: size, first paint and zoom steps
// of a report with 5 million calls in headless chromium.

import {readFileSync, statSync, writeFileSync, mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {synthetic_page} from '../decode/report/synthetic_page.mjs';

const [page_file, modules, calls = '5000000'] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const {chromium} = require('playwright-core');

const folder = mkdtempSync(join(tmpdir(), 'ptdec-page-'));
const file = join(folder, 'page.html');
writeFileSync(file, synthetic_page(readFileSync(page_file, 'utf8'),
    {calls: Number(calls)}));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage({viewport: {width: 1920, height: 1080}});
await page.goto(`file://${file}`);
const paint = await page.evaluate(() => new Promise((done) => {
  new PerformanceObserver((list) => {
    const [entry] = list.getEntriesByName('first-contentful-paint');
    if (entry) done(entry.startTime);
  }).observe({type: 'paint', buffered: true});
}));

const begin = Date.now();
await page.getByRole('tab', {name: 'Timeline'}).click();
await page.waitForFunction(() => document.querySelector(
    '#view-Timeline .mono').textContent !== '');
const opened = Date.now() - begin;

await page.locator('#view-Timeline canvas').focus();
const steps = [];
for (let i = 0; i < 20; ++i) {
  steps.push(await page.evaluate(async (key) => {
    const canvas = document.querySelector('#view-Timeline canvas');
    const start = performance.now();
    canvas.dispatchEvent(new KeyboardEvent('keydown', {key}));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - start;
  }, i < 14 ? '+' : '-'));
}
steps.sort((a, b) => a - b);
console.log(`page ${(statSync(file).size / 1e6).toFixed(1)} MB, ` +
    `first paint ${paint.toFixed(0)} ms, timeline opened in ${opened} ms, ` +
    `zoom step median ${steps[10].toFixed(0)} ms, ` +
    `longest ${steps.at(-1).toFixed(0)} ms`);
await browser.close();
rmSync(folder, {recursive: true});
