// TinCanJS, which many published courses still carry inside.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import TinCan from 'tincanjs';

import { BY_MBOX, asSent, courseOf, visits } from '../src/course.mjs';
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
