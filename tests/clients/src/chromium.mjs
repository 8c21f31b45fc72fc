// A browser that a test opens pages in, presses buttons of and asks for its cookies, by its debugging pipe.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHROMIUM = process.env.VARDE_TEST_CHROMIUM ?? 'chromium';
/** Each message on the pipe ends with this. */
const END = '\0';

export class Chromium {
  /** Starts a browser with a profile of its own, and one page. */
  static async start() {
    const browser = new Chromium();
    browser.profile = await mkdtemp(join(tmpdir(), 'varde-chromium-'));
    const flags = [
      // The sandbox needs rights that root in a container lacks; the only pages opened are our own.
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe',
      `--user-data-dir=${browser.profile}`, '--accept-lang=en',
      // A test speaks to this machine and to no other.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'];
    browser.child = spawn(CHROMIUM, [...flags, 'about:blank'], { stdio });
    browser.waiting = new Map();
    browser.listeners = [];
    browser.last = 0;
    browser.listen();
    const { targetInfos } = await browser.ask('Target.getTargets');
    const page = targetInfos.find(({ type }) => type === 'page');
    const attach = { targetId: page.targetId, flatten: true };
    browser.session = (await browser.ask('Target.attachToTarget', attach)).sessionId;
    await browser.ask('Page.enable');
    return browser;
  }

  listen() {
    let rest = '';
    this.child.stdio[4].setEncoding('utf8').on('data', (part) => {
      const messages = (rest + part).split(END);
      rest = messages.pop();
      for (const message of messages) this.take(JSON.parse(message));
    });
    this.child.once('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${CHROMIUM} ended with ${code}`));
    });
  }

  take({ id, method, result, error }) {
    if (id === undefined) {
      this.listeners = this.listeners.filter((listener) => !listener(method));
      return;
    }
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  /** Sends a command of the protocol and returns its result. */
  ask(method, params = {}) {
    this.last += 1;
    const id = this.last;
    const answered = new Promise((resolve, reject) => { this.waiting.set(id, { resolve, reject }); });
    const message = { id, method, params, sessionId: this.session };
    this.child.stdio[3].write(JSON.stringify(message) + END);
    return answered;
  }

  /** Does what leads to another page, and returns when that has loaded, redirects and all. */
  async leads(act) {
    const loaded = new Promise((resolve) => {
      this.listeners.push((method) => {
        if (method !== 'Page.loadEventFired') return false;
        resolve();
        return true;
      });
    });
    await act();
    await loaded;
  }

  /** Opens an address. */
  open(url) {
    return this.leads(async () => {
      const { errorText } = await this.ask('Page.navigate', { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
    });
  }

  /** Returns what a script on the page comes to. */
  async evaluate(expression) {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', asked);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Fills in fields of the page, by their names, and presses a button of their form. */
  submit(fields, button = 'button') {
    const fill = Object.entries(fields).map(([name, value]) => (
      `document.querySelector('[name=${name}]').value = ${JSON.stringify(value)};`
    ));
    return this.leads(() => this.evaluate(
      `${fill.join('\n')} document.querySelector(${JSON.stringify(button)}).click();`,
    ));
  }

  /** Returns the text of the page, as a person reads it. */
  text() {
    return this.evaluate('document.body.innerText');
  }

  /** Returns the cookies of every site. */
  async cookies() {
    return (await this.ask('Network.getAllCookies')).cookies;
  }

  /** Ends the browser and removes what it kept. */
  async end() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.waiting.clear();
      this.child.kill();
      await exit;
    }
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
