// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// real_page_test.mjs PAGE MODULES all|light [SCREENSHOTS]: what ptdec report
// wrote, in a real browser.

import assert from 'node:assert/strict';

import {Browser} from './browser.mjs';

const [file, modules, how, shots] = process.argv.slice(2);
const browser = await Browser.launch(modules);
const page = await browser.check(file, shots, 'light', 1280, 800);
if (how === 'all') {
  await browser.check(file, shots, 'dark', 360, 740);
  await browser.check(file, shots, 'dark', 3840, 2160);
}

// The timeline has what the list of threads promises.
const {sum, said} = await page.evaluate(async () => {
  const summary = JSON.parse(document.getElementById('summary').textContent);
  let sum = 0;
  for (let i = 0; i < summary.threads.length; ++i) {
    const holder = document.getElementById(`calls-${i}`);
    if (!holder) continue;
    const packed = Uint8Array.from(
        atob(holder.textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(
        new DecompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    // Four numbers a call, each ends with a byte below 128.
    sum += bytes.reduce((count, byte) => count + (byte < 128), 0) / 4;
  }
  return {sum, said: summary.threads.reduce((a, t) => a + t.calls, 0)};
});
assert.equal(sum, said);
await browser.close();
console.log(`ok, ${said} calls`);
