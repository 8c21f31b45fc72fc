// adl-xapiwrapper, the wrapper of the standard's first years, which speaks 1.0.1.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import adl from 'adl-xapiwrapper';

import { BOOKMARK, BY_MBOX, COURSE_ID, NEXT_BOOKMARK, asSent, courseOf, visits } from '../src/course.mjs';
import { NOTHING, expected, numbers } from '../src/numbers.mjs';
import { KEY, SECRET, Server, makeFolder, removeFolder } from '../src/server.mjs';

describe('adl-xapiwrapper', () => {
  let server;
  let wrapper;

  before(async () => {
    server = await Server.start(await makeFolder(), '--statements-per-page-max', '5');
    wrapper = new adl.XAPIWrapper({ url: server.endpoint, auth: { user: KEY, pass: SECRET } });
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  /** Calls a method that takes a callback last. */
  const call = (method, ...args) => new Promise((resolve, reject) => {
    wrapper[method](...args, (error, response, body) =>
      (error ? reject(error) : resolve({ status: response.statusCode, headers: response.headers, body })));
  });

  test('finds a version that it speaks and credentials that hold', async () => {
    assert.equal(await new Promise((resolve) => { wrapper.testConfig(resolve); }), true);
  });

  test('stores a course, reads it back as sent, and moves the outcome and the indicators', async () => {
    const sent = courseOf(BY_MBOX);
    assert.deepEqual(await numbers(server), NOTHING);
    const { status, headers, body } = await call('sendStatements', sent);
    assert.equal(status, 200, body);
    const ids = JSON.parse(body);
    const read = await call('getStatements', { ascending: true }, null);
    assert.deepEqual(JSON.parse(read.body).statements.map(asSent), sent);
    const through = headers['x-experience-api-consistent-through'];
    assert.deepEqual(await numbers(server, through), expected('p-002', ids));
  });

  test('walks every page by its more link', async () => {
    const sent = visits(BY_MBOX, 12);
    await call('sendStatements', sent);
    const verb = 'http://adlnet.gov/expapi/verbs/experienced';
    let page = JSON.parse((await call('getStatements', { verb, ascending: true }, null)).body);
    const read = [...page.statements];
    while (page.more) {
      page = JSON.parse((await call('getStatements', null, page.more)).body);
      read.push(...page.statements);
    }
    assert.deepEqual(read.map(asSent), sent);
  });

  test('keeps and merges a state, and profiles guarded by their tags', async () => {
    const where = [COURSE_ID, BY_MBOX, 'bookmark', null];
    assert.equal((await call('sendState', ...where, BOOKMARK, null, null)).status, 204);
    assert.equal((await call('sendState', ...where, NEXT_BOOKMARK, null, null)).status, 204);
    const state = await call('getState', ...where, null);
    assert.deepEqual(JSON.parse(state.body), { ...BOOKMARK, ...NEXT_BOOKMARK });
    for (const [kind, of] of [['AgentProfile', BY_MBOX], ['ActivityProfile', COURSE_ID]]) {
      assert.equal((await call(`send${kind}`, of, 'p', BOOKMARK, null, '*')).status, 204);
      assert.equal((await call(`send${kind}`, of, 'p', BOOKMARK, null, '*')).status, 412);
      const { headers: { etag } } = await call(`get${kind}`, of, 'p', null);
      assert.equal((await call(`send${kind}`, of, 'p', NEXT_BOOKMARK, etag, null)).status, 204);
    }
  });
});
