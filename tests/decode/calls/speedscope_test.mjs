// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// speedscope_test.mjs TIMELINE MODULES THREAD [SCREENSHOT]: speedscope itself,
// in a browser, opens the timeline and shows the thread.

import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

const [timeline, modules, thread, shot] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const {chromium} = require('playwright-core');
const home = dirname(require.resolve('speedscope/package.json'));

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
         '--allow-file-access-from-files', '--use-gl=swiftshader',
         '--enable-unsafe-swiftshader'],
});
const page = await browser.newPage({viewport: {width: 1280, height: 800}});
const errors = [];
page.on('pageerror', (error) => errors.push(String(error)));
page.on('dialog', (dialog) => {
  errors.push(dialog.message());
  dialog.dismiss();
});
await page.goto(`file://${home}/dist/release/index.html`);
await page.locator('input[type=file]').setInputFiles(timeline);
await page.getByText(thread).first().waitFor({timeout: 20000});
if (shot) await page.screenshot({path: shot});
assert.deepEqual(errors, []);
await browser.close();
console.log('ok');
