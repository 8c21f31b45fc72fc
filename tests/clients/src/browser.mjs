// A page in Chromium, served from an origin of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CHROMIUM = process.env.VARDE_TEST_CHROMIUM ?? 'chromium';

const require = createRequire(import.meta.url);
const browser = (name) => fileURLToPath(new URL(`../browser/${name}`, import.meta.url));
const beside = (main, path) => join(require.resolve(main), '..', path);
const FILES = {
  '/': [browser('page.html'), 'text/html'],
  '/page.js': [browser('page.js'), 'text/javascript'],
  '/xapi.js': [beside('@xapi/xapi', 'XAPI.umd.js'), 'text/javascript'],
  '/tincan.js': [beside('tincanjs', 'tincan.js'), 'text/javascript'],
};

/** Opens the page in Chromium, hands it a job, and returns what it tells when it is done. */
export async function openPage(job) {
  const { server, done } = serve(job);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const profile = await mkdtemp(join(tmpdir(), 'varde-chromium-'));
  const chromium = start(profile, `http://127.0.0.1:${server.address().port}/`);
  try {
    return await Promise.race([done, ended(chromium)]);
  } finally {
    await end(chromium);
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function serve(job) {
  let server;
  const done = new Promise((resolve, reject) => {
    server = createServer((request, response) => answer(request, response, job, resolve).catch(reject));
  });
  return { server, done };
}

async function answer(request, response, job, done) {
  if (request.url === '/done') {
    done(JSON.parse(await text(request)));
    response.end();
  } else if (request.url === '/job') {
    response.end(JSON.stringify(job));
  } else if (FILES[request.url]) {
    const [file, type] = FILES[request.url];
    response.setHeader('Content-Type', `${type}; charset=utf-8`).end(await readFile(file));
  } else {
    response.writeHead(404).end();
  }
}

/** The sandbox needs rights that root in a container lacks; the only pages opened are our own. */
function start(profile, url) {
  const flags = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', `--user-data-dir=${profile}`,
    // A test speaks to this machine and to no other.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  ];
  return spawn(CHROMIUM, [...flags, url], { stdio: 'ignore' });
}

async function ended(chromium) {
  const [code] = await once(chromium, 'exit');
  throw new Error(`${CHROMIUM} ended with ${code} before the page was done`);
}

async function end(chromium) {
  if (chromium.exitCode !== null || chromium.signalCode !== null) return;
  const exit = once(chromium, 'exit');
  chromium.kill();
  await exit;
}
