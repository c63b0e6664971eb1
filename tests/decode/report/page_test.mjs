// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// page_test.mjs PAGE.html MODULES [SCREENSHOTS]: the report page in a real
// browser: every view opens, answers clicks and keys, without console errors
// and without serious findings of axe-core, in both colour schemes, narrow and
// wide.

import assert from 'node:assert/strict';
import {readFileSync, writeFileSync, mkdtempSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {synthetic_page} from './synthetic_page.mjs';

const [page_file, modules, shots] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'ptdec-page-'));
const file = join(folder, 'page.html');
const hostile = '</script><img src=x onerror="window.broken=1">\u0007';
writeFileSync(file, synthetic_page(readFileSync(page_file, 'utf8'),
    {calls: 20000, name: hostile}));

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update',
         '--disable-sync'],
});

async function check(colorScheme, width, height) {
  const context = await browser.newContext(
      {colorScheme, viewport: {width, height}, bypassCSP: true});
  const page = await context.newPage();
  const errors = [];
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (r) => r.url().startsWith('file:') || r.url().startsWith('data:') || errors.push(r.url()));
  await page.goto(`file://${file}`);

  const tabs = page.getByRole('tab');
  assert.equal(await tabs.count(), 7);
  for (const name of await tabs.allTextContents()) {
    await page.getByRole('tab', {name, exact: true}).click();
    await page.waitForTimeout(150);
    const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width}`);
    await page.evaluate(axe);
    const {violations} = await page.evaluate(() => axe.run());
    const serious = violations.filter(
        (v) => v.impact === 'serious' || v.impact === 'critical');
    assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes[0].html}`), [],
        `${name}, ${colorScheme}`);
    if (shots) {
      await page.screenshot({path: `${shots}/${name}-${colorScheme}-${width}.png`});
    }
  }
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(errors, []);
  return page;
}

const page = await check('light', 1280, 800);
await check('dark', 1280, 800);
await check('light', 360, 740);
await check('dark', 3840, 2160);

// Functions: filter, sort, and on to the code.
await page.getByRole('tab', {name: 'Functions'}).click();
const rows = page.locator('#view-Functions tbody tr');
assert.equal(await rows.count(), 50);
await page.getByLabel('Filter Functions').fill('main');
assert.equal(await rows.count(), 1);
await page.getByLabel('Filter Functions').fill('');
await page.getByRole('button', {name: 'calls', exact: true}).click();
assert.match(await rows.first().textContent(), /49/);
await page.locator('#view-Functions td button').first().click();
assert.equal(await page.locator('#view-Code').isVisible(), true);
assert.match(await page.locator('#view-Code').textContent(), /add rax, 1/);

// Keys: along the tabs, and into the timeline.
await page.getByRole('tab', {name: 'Timeline'}).click();
await page.waitForTimeout(200);
const where = page.locator('#view-Timeline .mono');
const all = await where.textContent();
await page.locator('#view-Timeline canvas').focus();
for (let i = 0; i < 3; ++i) await page.keyboard.press('+');
assert.notEqual(await where.textContent(), all);
await page.keyboard.press('0');
assert.equal(await where.textContent(), all);
await page.getByRole('tab', {name: 'Timeline'}).focus();
await page.keyboard.press('ArrowRight');
assert.equal(await page.locator('#view-Branches').isVisible(), true);

await browser.close();
console.log('ok');
