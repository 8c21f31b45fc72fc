// TinCanPython, for front ends and tools written in Python.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { BOOKMARK, BY_ACCOUNT, COURSE_ID, asSent, courseOf } from '../src/course.mjs';
import { NOTHING, expected, numbers } from '../src/numbers.mjs';
import { KEY, SECRET, Server, makeFolder, removeFolder } from '../src/server.mjs';

const PYTHON = process.env.VARDE_TEST_PYTHON ?? 'python3';
const FRONT_END = fileURLToPath(new URL('../python/front_end.py', import.meta.url));

async function frontEnd(job) {
  const child = spawn(PYTHON, [FRONT_END], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(job));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.equal(code, 0);
  return JSON.parse(output);
}

describe('TinCanPython', () => {
  let server;

  before(async () => {
    server = await Server.start(await makeFolder());
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  test('stores a course, pages, keeps a state, and moves the outcome and the indicators', async () => {
    assert.deepEqual(await numbers(server), NOTHING);
    const sent = courseOf(BY_ACCOUNT);
    const { ids, through, pages, actors, state } = await frontEnd({
      endpoint: server.endpoint,
      name: KEY,
      secret: SECRET,
      statements: sent,
      activity: COURSE_ID,
      state: BOOKMARK,
    });
    assert.deepEqual(pages, [[ids[2], ids[1]], [ids[0]]]);
    assert.deepEqual(actors, sent.map(({ actor }) => actor));
    assert.deepEqual(state, BOOKMARK);
    assert.deepEqual(await numbers(server, through), expected('p-001', ids));
    const verbs = (statements) => statements.map(({ verb }) => verb);
    assert.deepEqual(verbs((await server.everything()).map(asSent)), verbs(sent));
  });
});
