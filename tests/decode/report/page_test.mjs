// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// page_test.mjs PAGE.html MODULES [SCREENSHOTS]: the report page in a real
// browser: every view opens, answers clicks and keys, without console errors
// and without serious findings of axe-core, in both colour schemes, narrow and
// wide.

import assert from 'node:assert/strict';
import {readFileSync, writeFileSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {Browser} from './browser.mjs';
import {synthetic_page} from './synthetic_page.mjs';

const [page_file, modules, shots] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'ptdec-page-'));
const file = join(folder, 'page.html');
const hostile = '</script><img src=x onerror="window.broken=1">\u0007';
writeFileSync(file, synthetic_page(readFileSync(page_file, 'utf8'),
    {calls: 20000, name: hostile}));

const browser = await Browser.launch(modules);
const check = (...how) => browser.check(file, shots, ...how);

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
