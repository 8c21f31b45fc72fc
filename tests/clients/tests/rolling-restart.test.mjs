// Two servers on one replica set behind a proxy that asks whether they are ready, restarted one after the other while
// clients send ids and send again what was refused for now.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { mustRun } from '../src/binary.mjs';
import { HaProxy } from '../src/haproxy.mjs';
import { basic, KEY, SECRET, Server } from '../src/server.mjs';

const CLIENTS = 6;
const ROUNDS = 2;
const HEADERS = {
  Authorization: basic(KEY, SECRET),
  'Content-Type': 'application/json',
  'X-Experience-API-Version': '1.0.3',
};
/** No proxy to connect to; the only failure without an answer that a client may meet with a second try. */
const REFUSED = new Set(['ECONNREFUSED', 'ENOENT']);

const statement = (id) => JSON.stringify({
  id,
  actor: { mbox: 'mailto:learner-1@example.org' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/experienced' },
  object: { id: 'https://course.example.org/1' },
});

/** An address in a database that no other test has. */
function database() {
  const [hosts, options] = (process.env.VARDE_TEST_MONGODB_URI ?? '').split('/?');
  assert.ok(options !== undefined, 'VARDE_TEST_MONGODB_URI names a replica set');
  return `${hosts}/varde-rolling-${process.pid}?${options}`;
}

/** What clients send and are told, until they are to stop. */
class Load {
  acknowledged = [];
  failures = [];
  later = 0;
  isOver = false;

  constructor(proxy) {
    this.proxy = proxy;
    this.clients = Array.from({ length: CLIENTS }, () => this.send());
  }

  async send() {
    while (!this.isOver) {
      const id = randomUUID();
      while (!await this.isTaken(id)) {
        this.later += 1;
        await turn();
      }
    }
  }

  /** Sends a statement; false where it is to be sent again. What must not be is noted, and not sent again. */
  async isTaken(id) {
    try {
      const { status, body } = await this.proxy.send(
        { method: 'POST', path: '/xapi/statements', headers: HEADERS }, statement(id));
      if (status === 503) return false;
      if (status === 200) this.acknowledged.push(id);
      else this.failures.push(`${status}: ${body}`);
    } catch (error) {
      if (REFUSED.has(error.code)) return false;
      this.failures.push(String(error));
    }
    return true;
  }

  /** Waits until so many more are acknowledged, or something failed. */
  async goesOn(more) {
    const wanted = this.acknowledged.length + more;
    while (this.acknowledged.length < wanted && this.failures.length === 0) await turn();
  }

  async end() {
    this.isOver = true;
    await Promise.all(this.clients);
  }
}

describe('a rolling restart', () => {
  let folder;
  let proxy;
  const servers = new Map();
  const uri = database();

  const start = async (name, ...listen) => {
    const data = join(folder, name);
    await mkdir(data, { recursive: true });
    const flags = ['--mongodb', uri, '--kek-file', join(folder, 'kek'), '--notice-seconds', '1'];
    const server = await Server.start(data, ...flags, ...listen);
    servers.set(name, server);
    return server;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varde-rolling-'));
    await mustRun(['key', 'make-kek', '--data', folder, '--kek-file', join(folder, 'kek')]);
    await start('a');
    await start('b');
    const named = [...servers].map(([name, { address, admin }]) => ({ name, address, admin }));
    proxy = await HaProxy.start(folder, named);
  });

  after(async () => {
    await proxy?.stop();
    for (const server of servers.values()) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('fails no client, loses no statement and stores none twice', async () => {
    const load = new Load(proxy);
    await load.goesOn(50);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of ['a', 'b']) {
        const { address, admin } = servers.get(name);
        const stopped = servers.get(name).stop();
        await proxy.sends(name, false);
        await load.goesOn(20);
        assert.equal(await stopped, 0, 'it ends in order');
        await load.goesOn(20);
        await start(name, '--listen', address, '--admin-listen', admin);
        await proxy.sends(name, true);
        await load.goesOn(20);
        assert.deepEqual(load.failures, [], `${name} in round ${round}`);
      }
    }
    await load.end();
    assert.deepEqual(load.failures, []);

    const stored = [];
    let page = '/xapi/statements?ascending=true';
    while (page) {
      const { status, body } = await proxy.send({ path: page, headers: HEADERS });
      assert.equal(status, 200, body);
      const { statements, more } = JSON.parse(body);
      stored.push(...statements.map(({ id }) => id));
      page = more;
    }
    assert.deepEqual(stored.toSorted(), load.acknowledged.toSorted(), 'each acknowledged one once, and no other');
    console.log(`${stored.length} statements, ${load.later} were sent again`);
  });
});
