// A real HAProxy before several servers, which asks each whether it is ready.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';

const HAPROXY = process.env.VARDE_TEST_HAPROXY ?? '/usr/sbin/haproxy';
/** How often it is asked before what does not come about is a failure. */
const ASKED_MAX = 100_000;

/** Returns the configuration: both sockets are files, so no port has to be free. */
const config = (folder, servers) => `
defaults
  mode http
  # What a server refuses is told to clients, rather than tried elsewhere.
  retries 0
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend front-ends
  bind ${join(folder, 'front.sock')}
  default_backend varde
frontend operator
  bind ${join(folder, 'operator.sock')}
  stats enable
  stats uri /
backend varde
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
  default-server check inter 100ms fall 1 rise 1
${servers.map(({ name, address, admin }) => `  server ${name} ${address} port ${admin.split(':')[1]}`).join('\n')}
`;

export class HaProxy {
  /** Starts it in a folder, before servers with a name each. */
  static async start(folder, servers) {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, config(folder, servers));
    const child = spawn(HAPROXY, ['-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part) => { said += part; });
    const proxy = new HaProxy(child, folder, () => said);
    for (const { name } of servers) await proxy.sends(name, true);
    return proxy;
  }

  constructor(child, folder, said) {
    this.child = child;
    this.folder = folder;
    this.said = said;
  }

  /** Waits until it sends requests to a server, or does not. */
  async sends(name, wanted) {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      if (this.child.exitCode !== null) throw new Error(`HAProxy ended:\n${this.said()}`);
      const { body = '' } = await this.ask('operator.sock', { path: '/;csv' }).catch(() => ({}));
      const line = body.split('\n').find((one) => one.startsWith(`varde,${name},`)) ?? '';
      // Not yet looked at is up by HAProxy's own lights; the check's own word comes after it.
      const isUp = line.split(',')[17] === 'UP' && line.includes(',L7OK,');
      if (line && isUp === wanted) return;
    }
    throw new Error(`${name} is still ${wanted ? 'not ' : ''}sent to:\n${this.said()}`);
  }

  /** Sends a request of a front end: status and body. Rejects where no answer comes. */
  send(options, body) {
    return this.ask('front.sock', options, body);
  }

  ask(socket, options, body) {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: join(this.folder, socket), ...options }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => { text += part; });
        answer.on('end', () => resolve({ status: answer.statusCode, body: text }));
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
