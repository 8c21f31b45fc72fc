// The pages for people in a real browser: their way from a number to a statement, and nothing that keeps anybody out.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { mustRun } from '../clients/src/binary.mjs';
import { Chromium } from '../clients/src/chromium.mjs';
import { axe } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

const PASSWORD = 'a password for tests';
const IN = 'form[action="/sign-in"] button';
const LANGUAGES = ['nb', 'sv', 'en'];
const WIDTHS = [360, 1440];
/** Where pictures of the pages are put, for people to look at; nowhere unless it is named. */
const PICTURES = process.env.VARDE_TEST_PICTURES;

const statement = (id, account) => ({
  id,
  actor: { account: { homePage: 'https://lms.example.org', name: account }, name: 'Somebody' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { nb: 'fullførte', en: 'completed' } },
  object: { id: 'https://lms.example.org/courses/startup', definition: { name: { en: 'A course' } } },
  timestamp: '2025-06-10T09:00:00Z',
});
const IDS = ['7ccd3322-e1a5-411a-a67d-6a735c76f119', '7ccd3322-e1a5-411a-a67d-6a735c76f120'];

describe('the pages, in Chromium', () => {
  let server;
  let browser;
  let script;

  before(async () => {
    script = await axe();
    const folder = await makeFolder();
    server = await Server.start(folder);
    const password = join(folder, 'password');
    await writeFile(password, PASSWORD);
    const stewards = ['stewards', '--role', 'data-steward', '--space', 'north'];
    await mustRun(['key', 'create', ...stewards, '--data', folder]);
    await mustRun(['user', 'create', 'ada', '--key', 'stewards', '--password-file', password, '--data', folder]);
    const posted = await server.post(JSON.stringify(IDS.map((id, at) => statement(id, `learner-${2 * at + 1}`))));
    assert.equal(posted.status, 200);
    await server.results('/api/v1/indicators', posted.headers.get('X-Experience-API-Consistent-Through'));
    browser = await Chromium.start();
    await open('/sign-in');
    await browser.submit({ name: 'ada', password: PASSWORD }, IN);
  });

  after(async () => {
    await browser?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  const open = (path) => browser.open(`http://${server.address}${path}`);
  const press = (selector) => browser.leads(() => browser.evaluate(
    `document.querySelector(${JSON.stringify(selector)}).click()`,
  ));
  const path = () => browser.evaluate('location.pathname');
  const width = (pixels) => browser.ask('Emulation.setDeviceMetricsOverride', {
    width: pixels, height: 900, deviceScaleFactor: 1, mobile: false,
  });
  /** Looks for what keeps people out (WCAG 2.1 AA) and for what is wider than the window. */
  const check = async (where) => {
    await browser.evaluate(script);
    const found = await browser.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
      + '.then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
    );
    assert.deepEqual(found, [], where);
    const [wide, window] = await browser.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    assert.ok(wide <= window, `${where} is ${wide} pixels wide in a window of ${window}`);
    if (PICTURES) {
      const { data } = await browser.ask('Page.captureScreenshot', { captureBeyondViewport: true });
      await writeFile(join(PICTURES, `${where.replaceAll(/[^a-z0-9]+/g, '-')}.png`), Buffer.from(data, 'base64'));
    }
  };

  test('from a number to the statement behind it in two clicks', async () => {
    assert.equal(await path(), '/');
    const label = await browser.evaluate('document.querySelector("tbody th a").textContent');
    assert.match(label, /^[A-Z]+\d+ = \d+$/);
    await press('tbody th a[href^="/indicators/north/RCO85"]');
    assert.match(await path(), /^\/indicators\/north\//);
    await press('tbody a[href^="/statements/"]');
    const at = (await path()).replace('/statements/', '');
    assert.ok(IDS.includes(at), at);
    assert.match(await browser.text(), /fullførte|completed/);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await width(pixels);
        await open('/account');
        await press(`button[name="language"][value="${language}"]`);
        for (const page of ['/', '/indicators/north/RCO85', '/statements', `/statements/${IDS[0]}`, '/account']) {
          await open(page);
          assert.equal(await browser.evaluate('document.documentElement.lang'), language, page);
          await browser.ask('Page.setBypassCSP', { enabled: true });
          await open(page);
          await check(`${page} ${language} ${pixels}`);
          await browser.ask('Page.setBypassCSP', { enabled: false });
        }
        await open('/indicators/north/NONE1');
        await browser.ask('Page.setBypassCSP', { enabled: true });
        await open('/indicators/north/NONE1');
        await check(`error ${language} ${pixels}`);
        await browser.ask('Page.setBypassCSP', { enabled: false });
      });
    }
  }

  test('the keyboard reaches the content past the menu, and the menu', async () => {
    await width(1440);
    await open('/statements');
    const tab = async () => {
      for (const type of ['keyDown', 'keyUp']) {
        await browser.ask('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });
      }
    };
    await tab();
    assert.equal(await browser.evaluate('document.activeElement.getAttribute("href")'), '#content');
    const seen = [];
    for (let presses = 0; presses < 10; presses += 1) {
      await tab();
      seen.push(await browser.evaluate('document.activeElement.getAttribute("href")'));
    }
    assert.ok(seen.includes('/') && seen.includes('/statements'), `the menu is reached: ${seen}`);
  });

  test('without a script every page is the same', async () => {
    await browser.ask('Emulation.setScriptExecutionDisabled', { value: true });
    await open('/');
    await browser.ask('Emulation.setScriptExecutionDisabled', { value: false });
    assert.match(await browser.text(), /RCO85 = \d+/);
    assert.equal(await browser.evaluate('document.scripts.length'), 0);
  });
});
