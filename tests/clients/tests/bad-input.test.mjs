// What a sender or an operator gets wrong: one sentence that says what to mend, and a record that
// stays as it was.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '../src/binary.mjs';
import { BY_ACCOUNT, courseOf } from '../src/course.mjs';
import { KEY, SECRET, Server, basic, makeFolder, removeFolder } from '../src/server.mjs';

const BODY_BYTES_MAX = 60_000;

describe('a sender', () => {
  let server;
  const [begun] = courseOf(BY_ACCOUNT);

  before(async () => {
    server = await Server.start(await makeFolder(), '--body-bytes-max', String(BODY_BYTES_MAX));
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  /** Checks an answer's status and error, and that nothing was stored. */
  async function refused(answer, status, ...parts) {
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    const { error } = JSON.parse(text);
    for (const part of parts) assert.ok(error.includes(part), `${part} is not in: ${error}`);
    assert.ok(answer.headers.get('x-experience-api-version'), 'errors name the version too');
    assert.deepEqual(await server.everything(), []);
    return JSON.parse(text);
  }

  const credentials = [
    ['without credentials', undefined],
    ['with a wrong secret', basic(KEY, `${SECRET}?`)],
    ['with an unknown name', basic('nobody', SECRET)],
    ['with an empty name and secret, as some libraries send', basic('', '')],
    ['with something that is no credential', 'Basic %%%'],
  ];
  for (const [how, value] of credentials) {
    test(`${how} is not let in`, async () => {
      const headers = { 'Content-Type': 'application/json', 'X-Experience-API-Version': '1.0.3' };
      if (value) headers.Authorization = value;
      const url = `${server.endpoint}statements`;
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(begun) });
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic /);
      await refused(answer, 401);
    });
  }

  test('of malformed JSON hears where it breaks', async () => {
    const { faults } = await refused(await server.post('{"actor":\n  {,}}'), 400);
    assert.equal(faults[0].line, 2);
    assert.ok(faults[0].column > 0);
  });

  const wrong = [
    ['an unknown property', { ...begun, colour: 'red' }, 'colour'],
    ['a verb whose id is no IRI', { ...begun, verb: { id: 'completed' } }, 'verb.id'],
    ['an agent with two identifiers', { ...begun, actor: { ...BY_ACCOUNT, mbox: 'mailto:a@example.org' } }, 'actor'],
    ['a score beyond its maximum', { ...begun, result: { score: { raw: 11, max: 10 } } }, 'score'],
    ['a timestamp that is none', { ...begun, timestamp: 'yesterday' }, 'timestamp'],
  ];
  for (const [what, statement, path] of wrong) {
    test(`of ${what} hears the place, the rule, what was found and what is expected`, async () => {
      const { faults } = await refused(await server.post(JSON.stringify(statement)), 400, path);
      assert.ok(faults[0].path.includes(path), faults[0].path);
      for (const part of ['rule', 'section', 'found', 'expected']) assert.ok(faults[0][part], part);
    });
  }

  test('of a batch with two wrong statements hears of both, and none is stored', async () => {
    const batch = Array.from({ length: 50 }, () => begun);
    batch[7] = { ...begun, verb: {} };
    batch[31] = { ...begun, result: { score: { scaled: 2 } } };
    const { faults } = await refused(await server.post(JSON.stringify(batch)), 400);
    const paths = faults.map(({ path }) => path);
    assert.ok(paths.some((path) => path.includes('[7].verb')), paths.join());
    assert.ok(paths.some((path) => path.includes('[31].result.score.scaled')), paths.join());
  });

  test('of an unknown query parameter hears which are known', async () => {
    const answer = await server.fetch('/xapi/statements?actor=somebody');
    await refused(answer, 400, 'actor', 'agent');
  });

  test('of a version that does not exist hears which do', async () => {
    const answer = await server.post(JSON.stringify(begun), { 'X-Experience-API-Version': '0.9' });
    await refused(answer, 400, '0.9', '1.0.x', '2.0.x');
  });

  test('of a body over the limit hears the limit', async () => {
    const large = { ...begun, context: { platform: 'x'.repeat(BODY_BYTES_MAX) } };
    await refused(await server.post(JSON.stringify(large)), 413, String(BODY_BYTES_MAX));
  });

  test('of a different statement under a known id hears of the conflict, and the first one stands', async () => {
    const id = '0d6a9b8e-3c55-4a37-9d1a-0a2c9f1f6e01';
    assert.equal((await server.post(JSON.stringify({ ...begun, id }))).status, 200);
    const stored = await server.everything();
    const other = { ...begun, id, verb: { id: 'http://adlnet.gov/expapi/verbs/terminated' } };
    const answer = await server.post(JSON.stringify(other));
    assert.equal(answer.status, 409);
    assert.ok((await answer.json()).error.includes(id));
    assert.deepEqual(await server.everything(), stored);
  });
});

describe('an operator', () => {
  let folder;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varde-operator-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  const ANY_PORT = '127.0.0.1:0';
  const serve = (data, listen = ANY_PORT, ...flags) => run([
    'serve', ...data, '--listen', listen, '--admin-listen', ANY_PORT, ...flags,
  ]);

  /** Checks how a command ended: its exit code and the parts of its one sentence. */
  function ended({ code, stderr }, expected, ...parts) {
    assert.equal(code, expected, stderr);
    assert.match(stderr, /^varde: /);
    for (const part of parts) assert.ok(stderr.includes(part), `${part} is not in: ${stderr}`);
    assert.doesNotMatch(stderr, /panicked|RUST_BACKTRACE/);
  }

  test('who serves a locked folder hears that a server runs there, and works beside it', async () => {
    const server = await Server.start(await makeFolder());
    try {
      ended(await serve(['--data', server.folder]), 75, server.folder);
      const listed = await run(['rules', 'list', '--data', server.folder]);
      assert.equal(listed.code, 0, listed.stderr);
    } finally {
      await server.stop();
      await removeFolder(server.folder);
    }
  });

  test('who gives a port in use hears which, and no store is made', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = `127.0.0.1:${other.address().port}`;
    const data = join(folder, 'never-made');
    const answer = await serve(['--data', data], address);
    other.close();
    ended(answer, 69, address, '--listen');
    assert.ok(!(await readdir(folder)).includes('never-made'));
  });

  test('who names a file as the data folder hears so', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, 'not a folder');
    const answer = await serve(['--data', file]);
    assert.notEqual(answer.code, 0);
    ended(answer, answer.code, file);
  });

  test('who names no data folder hears how to', async () => {
    ended(await serve([]), 78, '--data');
  });

  test('who misspells a setting hears which', async () => {
    const config = join(folder, 'varde.toml');
    await writeFile(config, '[http]\nlistn = "127.0.0.1:0"\n');
    ended(await serve(['--data', join(folder, 'x')], ANY_PORT, '--config', config), 78, 'listn', 'line 2');
  });

  test('who activates a definition that breaks its schema hears where, and no definition is there', async () => {
    const data = await makeFolder();
    try {
      const list = async () => (await run(['rules', 'list', '--json', '--data', data])).stdout;
      const known = await list();
      const rule = join(folder, 'rule.yaml');
      await writeFile(rule, 'rule: north/other\nversion: one\n');
      ended(await run(['rules', 'activate', rule, '--data', data]), 65, rule, 'version');
      assert.equal(await list(), known);
    } finally {
      await removeFolder(data);
    }
  });

  test('who imports a faulty register hears the file and the line, and nothing is imported', async () => {
    const data = await makeFolder();
    try {
      const people = join(folder, 'people.csv');
      await writeFile(people, 'pseudonym,gender,birth_year_band,nuts3\np-009,female,1980-1989,NO060\np-010,tall,1980-1989,NO060\n');
      ended(await run(['import', 'registers', people, '--data', data]), 65, people, 'line 3', 'gender');
      await writeFile(people, 'pseudonym,gender,birth_year_band,nuts3\np-009,female,1980-1989,NO060\n');
      const { stdout } = await run(['import', 'registers', people, '--data', data, '--json']);
      assert.ok(JSON.parse(stdout).added > 0, 'the right row of the faulty file was not kept');
    } finally {
      await removeFolder(data);
    }
  });
});
