// The pages of sources in a real browser: what came in, a test statement by keyboard, and nothing that keeps anybody out.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LANGUAGES, Pages, WIDTHS, makeUser } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

const DAY = 86_400_000;
const statement = (account, at) => ({
  actor: { account: { homePage: 'https://lms.example.org', name: account }, name: 'Somebody' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
  object: { id: 'https://lms.example.org/courses/startup' },
  ...(at && { timestamp: at }),
});
/** On time, late, from the future, without a timestamp, and twice the same. */
const sent = (now) => {
  const at = (days) => new Date(now + days * DAY).toISOString();
  const twice = statement('learner-1', at(-1));
  return [twice, twice, statement('learner-2', at(-20)), statement('learner-3', at(2)), statement('learner-4')];
};

describe('the pages of sources, in Chromium', () => {
  let server;
  let pages;
  let source;

  before(async () => {
    const folder = await makeFolder();
    server = await Server.start(folder);
    await makeUser(folder, 'ada', 'data-steward');
    const statements = sent(Date.now());
    const posted = await server.post(JSON.stringify(statements));
    assert.equal(posted.status, 200);
    const through = posted.headers.get('X-Experience-API-Consistent-Through');
    [source] = (await server.results('/api/v1/sources', through)).sources;
    pages = await Pages.start(server, 'ada');
  });

  after(async () => {
    await pages?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  const at = () => `/sources/${encodeURIComponent(source.name)}`;
  /** Goes to what a selector finds by the key Tab alone. */

  test('from the overview to a source, and on to a statement that is a repeat', async () => {
    await pages.speak('en');
    await pages.open('/');
    assert.match(await pages.text(), /What came in/);
    assert.match(await pages.text(), /probably repeats, last 30 days: 1/);
    await pages.press('a[href^="/sources/"]');
    assert.equal(await pages.path(), at());
    const text = await pages.text();
    assert.match(text, /From the future: 1\. These say that they happened more than five minutes after/);
    assert.match(text, /Came late: 1\. These happened more than seven days before/);
    assert.match(text, /Without a timestamp: 1\. The instant/);
    await pages.press('td a[href^="/statements/"]');
    assert.match(await pages.path(), /^\/statements\//);
  });

  test('a test statement is sent by the keyboard, and shown as it is stored', async () => {
    await pages.speak('en');
    await pages.open('/sources');
    await pages.tabTo('form[action="/test-statements"] button');
    await pages.enter();
    assert.match(await pages.path(), /^\/test-statements\//);
    assert.match(await pages.text(), /The test statement is stored/);
    assert.match(await pages.text(), /north:test/);
    const [, id] = /test-statements\/(.*)$/.exec(await pages.path());
    const live = await server.fetch(`/xapi/statements?statementId=${id}`);
    assert.equal(live.status, 404, 'it is not among what counts');
  });

  test('another window of days has other figures', async () => {
    await pages.open('/sources?from=2020-01-01&to=2020-01-31');
    assert.match(await pages.text(), /\(n = 0\)/);
    await pages.press('a[href^="/sources/"]');
    assert.match(await pages.evaluate('location.search'), /from=2020-01-01&to=2020-01-31/);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        for (const page of ['/', '/sources', at()]) {
          await pages.check(page, `${page} ${language} ${pixels}`);
          assert.equal(await pages.evaluate('document.documentElement.lang'), language, page);
        }
        await pages.open('/sources');
        await pages.press('form[action="/test-statements"] button');
        const stored = await pages.path();
        await pages.check(stored, `test statement ${language} ${pixels}`);
      });
    }
  }

  test('without a script the pages are the same', async () => {
    await pages.speak('en');
    await pages.browser.ask('Emulation.setScriptExecutionDisabled', { value: true });
    await pages.open(at());
    await pages.browser.ask('Emulation.setScriptExecutionDisabled', { value: false });
    assert.match(await pages.text(), /Clock and timestamps/);
    assert.equal(await pages.evaluate('document.scripts.length'), 0);
  });
});
