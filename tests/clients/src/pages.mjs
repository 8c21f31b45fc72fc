// The pages for people, opened in a browser by somebody signed in, and looked at for what keeps anybody out.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { mustRun } from './binary.mjs';
import { Chromium } from './chromium.mjs';

const PASSWORD = 'a password for tests';
const IN = 'form[action="/sign-in"] button';
export const LANGUAGES = ['nb', 'sv', 'en'];
export const WIDTHS = [360, 1440];
/** Where pictures of the pages are put, for people to look at; nowhere unless it is named. */
const PICTURES = process.env.VARDE_TEST_PICTURES;

/** Makes a user who acts through a key of a role, and may sign in. */
export async function makeUser(folder, name, role, ...flags) {
  const password = join(folder, 'password');
  await writeFile(password, PASSWORD);
  const key = [`keys-of-${name}`, '--role', role, '--space', 'north', ...flags];
  await mustRun(['key', 'create', ...key, '--data', folder]);
  const user = [name, '--key', `keys-of-${name}`, '--password-file', password];
  await mustRun(['user', 'create', ...user, '--data', folder]);
}

export class Pages {
  /** Starts a browser on a server's pages and signs somebody in. */
  static async start(server, name) {
    const pages = new Pages();
    pages.server = server;
    pages.axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    pages.browser = await Chromium.start();
    await pages.signIn(name);
    return pages;
  }

  async signIn(name) {
    await this.open('/sign-in');
    await this.browser.submit({ name, password: PASSWORD }, IN);
  }

  end() {
    return this.browser.end();
  }

  open(path) {
    return this.browser.open(`http://${this.server.address}${path}`);
  }

  /** Follows what a selector finds first to another page. */
  press(selector) {
    return this.browser.leads(() => this.evaluate(
      `document.querySelector(${JSON.stringify(selector)}).click()`,
    ));
  }

  evaluate(script) {
    return this.browser.evaluate(script);
  }

  path() {
    return this.evaluate('location.pathname');
  }

  text() {
    return this.browser.text();
  }

  width(pixels) {
    return this.browser.ask('Emulation.setDeviceMetricsOverride', {
      width: pixels, height: 900, deviceScaleFactor: 1, mobile: false,
    });
  }

  /** Presses a key. */
  async key(key, windowsVirtualKeyCode) {
    for (const type of ['keyDown', 'keyUp']) {
      await this.browser.ask('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode });
    }
  }

  async speak(language) {
    await this.open('/account');
    await this.press(`button[name="language"][value="${language}"]`);
  }

  /** Opens a page and looks for what keeps people out (WCAG 2.1 AA) and for what is wider than the window. */
  async check(path, where) {
    await this.browser.ask('Page.setBypassCSP', { enabled: true });
    await this.open(path);
    await this.evaluate(this.axe);
    const found = await this.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
      + '.then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
    );
    assert.deepEqual(found, [], where);
    const [wide, window] = await this.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    assert.ok(wide <= window, `${where} is ${wide} pixels wide in a window of ${window}`);
    if (PICTURES) {
      const { data } = await this.browser.ask('Page.captureScreenshot', { captureBeyondViewport: true });
      await writeFile(join(PICTURES, `${where.replaceAll(/[^a-z0-9]+/g, '-')}.png`), Buffer.from(data, 'base64'));
    }
    await this.browser.ask('Page.setBypassCSP', { enabled: false });
  }
}
