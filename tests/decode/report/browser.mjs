// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// A browser that looks at report pages: every view opens, without console
// errors, requests, serious findings of axe-core, or anything too wide.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

export class Browser {
  static async launch(modules) {
    const require = createRequire(join(modules, 'x.js'));
    const {chromium} = require('playwright-core');
    const browser = new Browser();
    browser.axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    browser.chromium = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
             '--no-first-run', '--disable-background-networking',
             '--disable-component-update', '--disable-sync'],
    });
    return browser;
  }

  // Leaves the page open at its last view, and returns it.
  async check(file, shots, colorScheme, width, height) {
    const context = await this.chromium.newContext(
        {colorScheme, viewport: {width, height}, bypassCSP: true});
    const page = await context.newPage();
    const errors = [];
    page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (r) => r.url().startsWith('file:') ||
        r.url().startsWith('data:') || errors.push(r.url()));
    await page.goto(`file://${file}`);

    const tabs = page.getByRole('tab');
    assert.equal(await tabs.count(), 7);
    for (const name of await tabs.allTextContents()) {
      await page.getByRole('tab', {name, exact: true}).click();
      await page.waitForTimeout(150);
      const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width}`);
      await page.evaluate(this.axe);
      const {violations} = await page.evaluate(() => axe.run());
      const serious = violations.filter(
          (v) => v.impact === 'serious' || v.impact === 'critical');
      assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes[0].html}`), [],
          `${name}, ${colorScheme}`);
      if (shots) {
        await page.screenshot(
            {path: `${shots}/${name}-${colorScheme}-${width}.png`});
      }
    }
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.deepEqual(errors, []);
    return page;
  }

  close() {
    return this.chromium.close();
  }
}
