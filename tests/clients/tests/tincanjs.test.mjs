// TinCanJS, which many published courses still carry inside.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import TinCan from 'tincanjs';

import {
  BOOKMARK, BY_MBOX, CERTIFICATE, COURSE_ID, NEXT_BOOKMARK, asSent, certified, courseOf, visits,
} from '../src/course.mjs';
import { NOTHING, expected, numbers } from '../src/numbers.mjs';
import { KEY, SECRET, Server, makeFolder, removeFolder } from '../src/server.mjs';

/** Calls a method that takes its callback in its settings. */
const call = (target, method, ...args) =>
  promisify((settings, callback) => target[method](...args, { ...settings, callback }));

describe('tincanjs', () => {
  let server;
  let lrs;

  before(async () => {
    server = await Server.start(await makeFolder(), '--statements-per-page-max', '5');
    lrs = new TinCan.LRS({ endpoint: server.endpoint, username: KEY, password: SECRET, allowFail: false });
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  const statement = (json) => new TinCan.Statement(json);

  test('speaks its own default version, an earlier patch of 1.0', async () => {
    assert.equal(lrs.version, '1.0.2');
    const about = await call(lrs, 'about')({});
    assert.ok(about.version.includes('1.0.2'), about.version);
  });

  test('stores a course, reads it back as sent, and moves the outcome and the indicators', async () => {
    assert.deepEqual(await numbers(server), NOTHING);
    const course = courseOf(BY_MBOX).map(statement);
    await call(lrs, 'saveStatement', course[0])({});
    const answer = await call(lrs, 'saveStatements', course.slice(1))({});
    const ids = [course[0].id, ...JSON.parse(answer.responseText)];
    for (const [index, id] of ids.entries()) {
      const read = await call(lrs, 'retrieveStatement', id)({});
      assert.deepEqual(asSent(read.asVersion('1.0.2')), asSent(course[index].asVersion('1.0.2')));
      assert.equal(read.id, id);
      assert.ok(read.stored && read.authority);
      const whole = await (await server.fetch(`/xapi/statements?statementId=${id}`)).json();
      assert.deepEqual(asSent(whole), asSent(course[index].asVersion('1.0.2')));
    }
    const through = answer.getResponseHeader('X-Experience-API-Consistent-Through');
    assert.deepEqual(await numbers(server, through), expected('p-002', ids));
  });

  test('walks every page by its more link', async () => {
    const sent = visits(BY_MBOX, 12).map(statement);
    await call(lrs, 'saveStatements', sent)({});
    const verb = new TinCan.Verb({ id: 'http://adlnet.gov/expapi/verbs/experienced' });
    let page = await call(lrs, 'queryStatements')({ params: { verb, ascending: true } });
    const pages = [page.statements];
    while (page.more) {
      page = await call(lrs, 'moreStatements')({ url: page.more });
      pages.push(page.statements);
    }
    assert.deepEqual(pages.map((statements) => statements.length), [5, 5, 2]);
    const objects = (statements) => statements.map(({ target }) => target.id);
    assert.deepEqual(objects(pages.flat()), objects(sent));
  });

  test('selects by agent and activity', async () => {
    const agent = new TinCan.Agent(BY_MBOX);
    const activity = new TinCan.Activity({ id: 'https://lms.example.org/courses/startup/quiz' });
    const page = await call(lrs, 'queryStatements')({ params: { agent, activity } });
    assert.deepEqual(page.statements.map(({ verb }) => verb.id), ['http://adlnet.gov/expapi/verbs/passed']);
  });

  const contentType = 'application/json';
  const course = () => ({
    activity: new TinCan.Activity({ id: COURSE_ID }), agent: new TinCan.Agent(BY_MBOX),
  });

  test('keeps, merges, lists and drops the state of a learner in a course', async () => {
    await call(lrs, 'saveState', 'bookmark', BOOKMARK)({ ...course(), contentType });
    const kept = await call(lrs, 'retrieveState', 'bookmark')(course());
    assert.deepEqual(kept.contents, BOOKMARK);
    assert.ok(kept.etag);
    const merge = { ...course(), contentType, method: 'POST', lastSHA1: kept.etag };
    await call(lrs, 'saveState', 'bookmark', NEXT_BOOKMARK)(merge);
    const merged = await call(lrs, 'retrieveState', 'bookmark')(course());
    assert.deepEqual(merged.contents, { ...BOOKMARK, ...NEXT_BOOKMARK });
    assert.deepEqual(await call(lrs, 'retrieveStateIds')(course()), ['bookmark']);
    await call(lrs, 'dropState', 'bookmark')(course());
    assert.equal(await call(lrs, 'retrieveState', 'bookmark')(course()), null);
  });

  test('keeps profiles, which only those change who know the present one', async () => {
    for (const kind of ['AgentProfile', 'ActivityProfile']) {
      const save = (contents, more) =>
        call(lrs, `save${kind}`, 'settings', contents)({ ...course(), contentType, ...more });
      const read = () => call(lrs, `retrieve${kind}`, 'settings')(course());
      await save(BOOKMARK);
      await assert.rejects(save(NEXT_BOOKMARK).catch((status) => { throw new Error(status); }), /412/);
      const kept = await read();
      assert.deepEqual(kept.contents, BOOKMARK);
      await save(NEXT_BOOKMARK, { lastSHA1: kept.etag });
      assert.deepEqual((await read()).contents, NEXT_BOOKMARK);
    }
  });

  test('stores a certificate as an attachment and reads it back, alone and on a page', async () => {
    const plain = certified(BY_MBOX);
    const [attachment] = plain.attachments;
    const sent = statement({ ...plain, attachments: [{ ...attachment, content: CERTIFICATE }] });
    await call(lrs, 'saveStatement', sent)({});
    const params = { attachments: true };
    const read = await call(lrs, 'retrieveStatement', sent.id)({ params });
    const page = await call(lrs, 'queryStatements')({ params: { ...params, limit: 1 } });
    for (const { attachments: [found] } of [read, page.statements[0]]) {
      assert.equal(found.sha2, attachment.sha2);
      assert.equal(found.getContentAsString(), CERTIFICATE);
    }
  });

  test('voids a statement, which leaves the page and the completions', async () => {
    const [, , completed] = await server.everything();
    const actor = new TinCan.Agent(BY_MBOX);
    const sender = new TinCan({ recordStores: [{ ...lrs }] });
    const { results: [{ err, xhr }] } = await new Promise((resolve) => {
      sender.voidStatement(completed.id, (results) => resolve({ results }), { actor });
    });
    assert.equal(err, null);
    const voided = await call(lrs, 'retrieveVoidedStatement', completed.id)({});
    assert.equal(voided.id, completed.id);
    const through = xhr.getResponseHeader('X-Experience-API-Consistent-Through');
    assert.deepEqual((await numbers(server, through)).completions, NOTHING.completions);
  });
});
