// The pages of persons, of oneself and of data quality, in a real browser: two made one and two again by keyboard, and
// nothing that keeps anybody out.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LANGUAGES, Pages, WIDTHS, makeUser } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

const LMS = 'https://lms.example.org';
const account = (name) => ({ account: { homePage: LMS, name } });
const statement = (actor, verb, path, more) => ({
  actor,
  verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
  object: { id: `${LMS}/courses/startup${path}` },
  timestamp: '2025-06-10T09:00:00Z',
  ...more,
});
const passed = (actor, scaled) => statement(actor, 'passed', '/quiz', { result: { score: { scaled } } });
/** Of the register, of nobody in it, and twice the same. */
const STATEMENTS = [
  statement(account('learner-1'), 'completed', ''),
  statement({ mbox: 'mailto:learner-2@example.org' }, 'completed', ''),
  statement(account('stranger'), 'completed', ''),
  passed(account('learner-1'), 0.85),
  passed(account('learner-1'), 0.2),
  { ...statement(account('learner-3'), 'completed', ''), timestamp: '2031-01-01T09:00:00Z' },
];

describe('the pages of persons, in Chromium', () => {
  let server;
  let pages;

  const indicator = async (code) => {
    const answer = await server.fetch(`/api/v1/indicators?code=${code}`);
    return Number((await answer.json()).tables[0].indicators[0].value);
  };
  /** Waits until an indicator has a value, by asking again. */
  const becomes = async (code, expected) => {
    for (let reads = 0; reads < 2_000; reads += 1) {
      if (await indicator(code) === expected) return;
    }
    assert.equal(await indicator(code), expected);
  };

  before(async () => {
    const folder = await makeFolder();
    server = await Server.start(folder);
    await makeUser(folder, 'ada', 'data-steward');
    await makeUser(folder, 'kim', 'learner', '--person', 'p-001');
    const posted = await server.post(JSON.stringify([...STATEMENTS, STATEMENTS[0]]));
    assert.equal(posted.status, 200);
    const through = posted.headers.get('X-Experience-API-Consistent-Through');
    await server.results('/api/v1/indicators', through);
    await server.results('/api/v1/outcomes', through);
    pages = await Pages.start(server, 'ada');
  });

  after(async () => {
    await pages?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  test('two are made one and two again with the keyboard alone', async () => {
    await pages.width(1440);
    const before = await indicator('RCO85');
    await pages.open('/learners');
    await pages.tabTo('a[href="/learners/p%2D002"]');
    await pages.enter();
    assert.equal(await pages.path(), '/learners/p%2D002');
    await pages.tabTo('#into');
    await pages.type('p-001');
    await pages.enter();
    assert.equal(await pages.path(), '/learners/p%2D002/merge');
    assert.match(await pages.text(), /Are these the same human being\?/);
    await pages.tabTo('form[action="/learners/p%2D002/merge"] button');
    await pages.enter();
    assert.equal(await pages.path(), '/learners/p%2D002');
    assert.match(await pages.text(), /p-002 now counts for p-001/);
    await becomes('RCO85', before - 1);
    await pages.check('/learners/p-002/unmerge', 'to be parted');
    await pages.open('/learners/p-002');
    await pages.tabTo('a[href="/learners/p%2D002/unmerge"]');
    await pages.enter();
    await pages.tabTo('form[action="/learners/p%2D002/unmerge"] button');
    await pages.enter();
    assert.match(await pages.text(), /p-002 counts by themselves again/);
    await becomes('RCO85', before);
  });

  test('somebody is found by an identifier that stands in no address', async () => {
    await pages.open('/learners');
    await pages.browser.submit({ identifier: 'learner-2@example.org' }, 'form[action="/learners/find"] button');
    assert.equal(await pages.evaluate('location.href'), `http://${server.address}/learners/p%2D002`);
    await pages.open('/learners');
    await pages.browser.submit({ identifier: 'nobody@example.org' }, 'form[action="/learners/find"] button');
    assert.match(await pages.text(), /No statement that counts and no register names this/);
    assert.doesNotMatch(await pages.evaluate('location.href'), /nobody/);
  });

  test('from data quality to the statement behind somebody whom the register does not know', async () => {
    await pages.open('/quality');
    await pages.press('a[href^="/quality/unresolved/north/RCO85"]');
    await pages.press('tbody a[href^="/statements/"]');
    assert.match(await pages.text(), /stranger/);
    await pages.open('/quality/uncounted');
    assert.match(await pages.text(), /the time lies in the future/);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        const paths = [
          '/learners', '/learners/p-001', '/learners/p-002/merge?into=p-001', '/learners/p-002/unmerge',
          '/quality', '/quality/unresolved/north/RCO85', '/quality/uncounted', '/quality/repeats',
          '/quality/national-ids',
        ];
        for (const path of paths) {
          await pages.check(path, `${path} ${language} ${pixels}`);
          assert.equal(await pages.evaluate('document.documentElement.lang'), language, path);
        }
      });
    }
  }

  test('a learner begins at their own record, in every language and width', async () => {
    await pages.browser.ask('Network.clearBrowserCookies');
    await pages.signIn('kim');
    assert.equal(await pages.path(), '/own');
    for (const language of LANGUAGES) {
      for (const pixels of WIDTHS) {
        await pages.width(pixels);
        await pages.speak(language);
        await pages.check('/own', `/own ${language} ${pixels}`);
      }
    }
    const text = await pages.text();
    assert.match(text, /p-001/);
    assert.doesNotMatch(text, /p-002/);
    assert.equal(await pages.evaluate('document.querySelectorAll("nav a").length'), 1);
  });
});
