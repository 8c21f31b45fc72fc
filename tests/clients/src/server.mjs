// A running `varde serve` on a folder of its own, with a project, its registers and its rules.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { mustRun, start } from './binary.mjs';

export const KEY = 'front-end';
export const SECRET = 'a secret for tests';

/** How often results are read before a ledger that does not move on is a failure. */
const READS_MAX = 10_000;

const world = (name) => fileURLToPath(new URL(`../world/${name}`, import.meta.url));
const REGISTERS = [
  'project.yaml', 'people.csv', 'identities.csv', 'organisations.csv', 'activities.csv',
  'organisers.csv',
].map(world);
const RULES = ['planning.yaml', 'indicators.yaml'].map(world);

/** Makes a data folder that knows the project, its registers and its rules. */
export async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'varde-clients-'));
  await mustRun(['import', 'registers', ...REGISTERS, '--data', folder]);
  await mustRun(['rules', 'activate', ...RULES, '--data', folder]);
  return folder;
}

/** Removes a data folder. */
export async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true });
}

export class Server {
  /** Serves a folder on free ports of the loopback address and waits until it listens. */
  static async start(folder, ...flags) {
    const listen = ['--listen', '--admin-listen'].flatMap((flag) => (
      flags.includes(flag) ? [] : [flag, '127.0.0.1:0']));
    const child = start(['serve', '--data', folder, ...listen, '--log-format', 'json', ...flags], {
      VARDE_BOOTSTRAP_KEY: `${KEY}:${SECRET}`,
      VARDE_BOOTSTRAP_SPACE: 'north',
    });
    return new Server(child, folder, ...await listening(child));
  }

  constructor(child, folder, address, admin) {
    this.child = child;
    this.folder = folder;
    this.address = address;
    this.admin = admin;
    this.endpoint = `http://${address}/xapi/`;
  }

  /** Asks the server to stop, as an operator does, and returns its exit code. */
  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = await ended;
    return code;
  }

  /** Sends a request as the test's key unless the headers say otherwise. */
  fetch(path, { headers = {}, ...rest } = {}) {
    const own = { Authorization: basic(KEY, SECRET), 'X-Experience-API-Version': '1.0.3' };
    return fetch(`http://${this.address}${path}`, { headers: { ...own, ...headers }, ...rest });
  }

  /** Posts text as statements. */
  post(body, headers = {}) {
    const json = { 'Content-Type': 'application/json', ...headers };
    return this.fetch('/xapi/statements', { method: 'POST', headers: json, body });
  }

  /** Reads every stored statement, the oldest first. */
  async everything() {
    const answer = await this.fetch('/xapi/statements?ascending=true');
    return (await answer.json()).statements;
  }

  /** Reads from the ledger once it is complete through an instant. */
  async results(path, through) {
    for (let reads = 0; reads < READS_MAX; reads += 1) {
      const answer = await this.fetch(path);
      if (answer.status !== 200) throw new Error(`${path}: ${await answer.text()}`);
      const results = await answer.json();
      if (completeThrough(results) >= through) return results;
    }
    throw new Error(`${path} is not complete through ${through} after ${READS_MAX} reads`);
  }
}

/** Returns the value of an Authorization header. */
export function basic(name, secret) {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

/** Instants print with six fraction digits in UTC, so their texts sort as they do. */
function completeThrough({ complete_through: own, tables = [] }) {
  return own ?? tables.map((table) => table.complete_through).sort()[0] ?? '';
}

/** Follows the log until it names the addresses, of front ends and of the operator, then lets the rest of it pass. */
async function listening(child) {
  child.stdout.resume();
  const lines = [];
  let addresses;
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    const [, front] = line.match(/"http\.address":"([^"]+)"/) ?? [];
    const [, admin] = line.match(/"admin\.address":"([^"]+)"/) ?? [];
    if (front && admin) addresses = [front, admin];
    if (addresses) break;
  }
  if (!addresses) throw new Error(`the server ended before it listened:\n${lines.join('\n')}`);
  child.stderr.resume();
  return addresses;
}
