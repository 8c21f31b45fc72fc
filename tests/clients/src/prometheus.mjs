// A real Prometheus that reads what a server measures.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROMETHEUS = process.env.VARDE_TEST_PROMETHEUS ?? 'prometheus';
/** How often it is asked before a target that is not read is a failure. */
const ASKED_MAX = 10_000;

export class Prometheus {
  /** Starts it in a folder, with one target under the job `varde`. */
  static async start(folder, target, rules) {
    const config = join(folder, 'prometheus.yml');
    await writeFile(config, JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'varde', static_configs: [{ targets: [target] }] }],
    }));
    const child = spawn(PROMETHEUS, [
      `--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0', '--log.format=json',
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    return new Prometheus(child, await ready(child));
  }

  constructor(child, address) {
    this.child = child;
    this.address = address;
  }

  /** Asks for the present value of an expression: its series. */
  async query(expression) {
    const query = new URLSearchParams({ query: expression });
    const answer = await fetch(`http://${this.address}/api/v1/query?${query}`);
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    return data.result;
  }

  /** Asks until an expression has a series. */
  async eventually(expression) {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const series = await this.query(expression);
      if (series.length > 0) return series;
    }
    throw new Error(`${expression} has no series after it was asked for ${ASKED_MAX} times`);
  }

  /** Returns the rules that it evaluates. */
  async rules() {
    const answer = await fetch(`http://${this.address}/api/v1/rules`);
    const { data } = await answer.json();
    return data.groups.flatMap((group) => group.rules);
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Follows the log until it is ready, and returns its address. The rest of the log is read too. */
function ready(child) {
  const lines = [];
  let address;
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`Prometheus ended:\n${lines.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      address ??= line.match(/"address":"(127\.0\.0\.1:[1-9]\d*)"/)?.[1];
      if (address && line.includes('ready to receive web requests')) resolve(address);
    });
  });
}
