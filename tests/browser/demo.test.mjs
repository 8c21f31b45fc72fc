// The demonstration in a browser: from a number to the statement behind it, and a report from its opening to its check.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { start } from '../clients/src/binary.mjs';
import { Chromium } from '../clients/src/chromium.mjs';
import { Pages } from '../clients/src/pages.mjs';

const ADDRESS = /In a browser: http:\/\/(\S+)\/sign-in\s+name (\S+), password (\S+)/;
/** A period that the demonstration leaves to whoever looks at it. */
const REPORT = '/reports/demo/2025-12-31';
const WORK = '/works/';

describe('the demonstration, in Chromium', () => {
  let demo;
  let pages;

  before(async () => {
    demo = start(['demo', '--listen', '127.0.0.1:0']);
    let said = '';
    for await (const part of demo.stdout.setEncoding('utf8')) {
      said += part;
      if (ADDRESS.test(said)) break;
    }
    const [, address, name, password] = said.match(ADDRESS) ?? assert.fail(`it said: ${said}`);
    const browser = await Chromium.start();
    pages = new Pages(browser, { address }, '');
    await pages.open('/sign-in');
    await browser.submit({ name, password }, 'form[action="/sign-in"] button');
  });

  after(async () => {
    await pages?.browser.end();
    const ended = once(demo, 'exit');
    demo.kill('SIGINT');
    await ended;
  });

  const says = async (pattern) => assert.match(await pages.text(), pattern);

  test('RCR81 = n on the overview is three clicks or fewer from a statement behind it', async () => {
    await pages.open('/');
    const link = 'a[href^="/indicators/demo/RCR81"]';
    const number = await pages.evaluate(`document.querySelector('${link}').textContent`);
    assert.match(number, /^RCR81 = \d+$/);
    await pages.look('demo-overview');
    await pages.press(link);
    await pages.look('demo-indicator');
    await pages.press('td a[href^="/statements/"]');
    assert.match(await pages.path(), /^\/statements\/[0-9a-f-]{36}$/);
    await says(/RCR81/);
    await pages.look('demo-statement');
  });

  test('a competence shows who reached what, and how far they came', async () => {
    await pages.open('/competences');
    await pages.press('a[href*="planning%2Dand%2Dmanagement"]');
    await says(/Planning and management/);
    await says(/Level 4 Dare/);
    await says(/from 1\.3333 to 2\.75 \(12 pairs\)/);
    await pages.look('demo-competence');
  });

  test('a report is opened, checked, submitted, exported and verified', async () => {
    await pages.open('/reports');
    await pages.press(`form[action="${REPORT}/open"] button`);
    await says(/The draft is open\./);
    await pages.press(`a[href="${REPORT}/check"]`);
    await pages.look('demo-check');
    await pages.works(`form[action="${REPORT}/submit"] button`);
    await says(/The report is submitted and frozen\./);
    await pages.press('main a.button');
    await pages.works(`form[action="${REPORT}/pack"] button`);
    assert.ok((await pages.path()).startsWith(WORK));
    await says(/The pack is as it was signed\./);
    await pages.look('demo-pack');
  });
});
