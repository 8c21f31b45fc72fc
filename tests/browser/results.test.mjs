// The pages for people in a real browser: their way from a number to a statement, and nothing that keeps anybody out.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LANGUAGES, Pages, WIDTHS, makeUser } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

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
  let pages;

  before(async () => {
    const folder = await makeFolder();
    server = await Server.start(folder);
    await makeUser(folder, 'ada', 'data-steward');
    const posted = await server.post(JSON.stringify(IDS.map((id, at) => statement(id, `learner-${2 * at + 1}`))));
    assert.equal(posted.status, 200);
    await server.results('/api/v1/indicators', posted.headers.get('X-Experience-API-Consistent-Through'));
    pages = await Pages.start(server, 'ada');
  });

  after(async () => {
    await pages?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  test('from a number to the statement behind it in two clicks', async () => {
    assert.equal(await pages.path(), '/');
    const label = await pages.evaluate('document.querySelector("tbody th a").textContent');
    assert.match(label, /^[A-Z]+\d+ = \d+$/);
    await pages.press('tbody th a[href^="/indicators/north/RCO85"]');
    assert.match(await pages.path(), /^\/indicators\/north\//);
    await pages.press('tbody a[href^="/statements/"]');
    const at = (await pages.path()).replace('/statements/', '');
    assert.ok(IDS.includes(at), at);
    assert.match(await pages.text(), /fullførte|completed/);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        for (const page of ['/', '/indicators/north/RCO85', '/statements', `/statements/${IDS[0]}`, '/account']) {
          await pages.check(page, `${page} ${language} ${pixels}`);
          assert.equal(await pages.evaluate('document.documentElement.lang'), language, page);
        }
        await pages.check('/indicators/north/NONE1', `error ${language} ${pixels}`);
      });
    }
  }

  test('the keyboard reaches the content past the menu, and the menu', async () => {
    await pages.width(1440);
    await pages.open('/statements');
    const tab = () => pages.key('Tab', 9);
    await tab();
    assert.equal(await pages.evaluate('document.activeElement.getAttribute("href")'), '#content');
    const seen = [];
    for (let presses = 0; presses < 10; presses += 1) {
      await tab();
      seen.push(await pages.evaluate('document.activeElement.getAttribute("href")'));
    }
    assert.ok(seen.includes('/') && seen.includes('/statements'), `the menu is reached: ${seen}`);
  });

  test('without JavaScript the main pages are the same', async () => {
    for (const page of ['/', '/indicators/north/RCO85', '/statements', '/competences', '/reports', '/published']) {
      await pages.open(page);
      const withScripts = await pages.text();
      await pages.browser.ask('Emulation.setScriptExecutionDisabled', { value: true });
      await pages.open(page);
      await pages.browser.ask('Emulation.setScriptExecutionDisabled', { value: false });
      assert.equal(await pages.text(), withScripts, page);
    }
  });
});
