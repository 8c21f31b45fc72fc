// What is measured, read by a real Prometheus: the metrics, the alerts and the dashboard of the chart.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { mustRun } from '../src/binary.mjs';
import { COURSE_ID } from '../src/course.mjs';
import { Prometheus } from '../src/prometheus.mjs';
import { makeFolder, removeFolder, Server } from '../src/server.mjs';

const PROMTOOL = process.env.VARDE_TEST_PROMTOOL ?? 'promtool';
const FILES = fileURLToPath(new URL('../../../helm/varde/files/', import.meta.url));
const CASES = fileURLToPath(new URL('../world/alerts.yaml', import.meta.url));

/** Runs promtool: its exit code and everything that it printed. */
async function promtool(args, { input = '', cwd } = {}) {
  const child = spawn(PROMTOOL, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => { said += part; });
  }
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('what is measured', () => {
  let folder;
  let data;
  let server;
  let prometheus;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varde-prometheus-'));
    data = await makeFolder();
    server = await Server.start(data);
    const statement = {
      actor: { mbox: 'mailto:learner-1@example.org' },
      verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
      object: { id: COURSE_ID },
    };
    assert.equal((await server.post(JSON.stringify(statement))).status, 200);
    const without = { ...statement, verb: {} };
    assert.equal((await server.post(JSON.stringify(without))).status, 400);
    prometheus = await Prometheus.start(folder, server.admin, join(FILES, 'alerts.yaml'));
    await prometheus.eventually('varde_statements_stored_total == 1');
  });

  after(async () => {
    await prometheus?.stop();
    await server?.stop();
    await removeFolder(data);
    await rm(folder, { recursive: true, force: true });
  });

  test('is well named, as promtool has it', async () => {
    const metrics = await (await fetch(`http://${server.admin}/metrics`)).text();
    assert.deepEqual(await promtool(['check', 'metrics'], { input: metrics }), { code: 0, said: '' });
  });

  test('has the values of what happened', async () => {
    const value = async (expression) => {
      const [{ value: [, number] }] = await prometheus.eventually(expression);
      return Number(number);
    };
    const posts = 'varde_http_requests_total{route="/xapi/statements",status="2xx"}';
    assert.equal(await value(posts), 1);
    const refused = 'varde_http_refused_total{route="/xapi/statements"}';
    const [{ metric: { reason } }] = await prometheus.eventually(refused);
    assert.match(reason, /verb|missing|required/);
    assert.ok(await value('varde_sync_seconds_count') > 0);
    assert.ok(await value('varde_group_rows_sum') > 0);
    assert.ok(await value('varde_store_bytes{part="record"}') > 0);
    assert.ok(await value('varde_store_free_bytes') > 0);
  });

  test('measures nothing that the page of metrics does not name', async () => {
    const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const named = new Set(page.match(/^\| `varde_\w+`/gm).map((cell) => cell.slice(3, -1)));
    const metrics = await (await fetch(`http://${server.admin}/metrics`)).text();
    const told = metrics.match(/^# TYPE \S+/gm).map((line) => line.slice('# TYPE '.length));
    for (const name of told) assert.ok(named.has(name), `${name} is on the page`);
  });

  test('has alerts that promtool finds nothing wrong with and that fire at their edges', async () => {
    const rules = join(FILES, 'alerts.yaml');
    const checked = await promtool(['check', 'rules', '--lint-fatal', rules]);
    assert.equal(checked.code, 0, checked.said);
    const beside = join(folder, 'alerts.yaml');
    await copyFile(rules, beside);
    await copyFile(CASES, join(folder, 'cases.yaml'));
    const played = await promtool(['test', 'rules', 'cases.yaml'], { cwd: folder });
    assert.equal(played.code, 0, played.said);
  });

  test('has alerts of which none fires on a server that is well', async () => {
    const rules = await prometheus.rules();
    assert.ok(rules.length > 10);
    for (const { name, health, state } of rules) {
      assert.ok(['ok', 'unknown'].includes(health), `${name} is ${health}`);
      assert.equal(state, 'inactive', `${name} is ${state}`);
    }
  });

  test('has a dashboard and alerts that ask for what is measured', async () => {
    const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const { panels } = JSON.parse(await readFile(join(FILES, 'dashboard.json'), 'utf8'));
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    assert.ok(asked.length > 10);
    for (const expression of asked) {
      const concrete = expression.replaceAll('$job', '.*varde.*').replaceAll('$__rate_interval', '1m');
      await prometheus.query(concrete);
    }
    const rules = await readFile(join(FILES, 'alerts.yaml'), 'utf8');
    const names = `${asked.join(' ')} ${rules}`.match(/varde_\w+/g);
    for (const name of names) {
      const base = name.replace(/_(bucket|count|sum)$/, '');
      assert.ok(page.includes(`\`${base}\``), `${name} is measured`);
    }
  });

  test('has no learner in it', async () => {
    const metrics = await (await fetch(`http://${server.admin}/metrics`)).text();
    assert.doesNotMatch(metrics, /learner/);
    const { stdout } = await mustRun(['config', 'metrics']);
    assert.match(stdout, /No label holds/);
  });
});
