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
/** How often the Tab key is pressed before an element that it does not reach is a failure. */
const TABS_MAX = 300;
/** How often the page of a work is asked again before one that does not end is a failure. */
const ASKED_MAX = 100;

/** Makes a user who acts through a key of a role, and may sign in. */
export async function makeUser(folder, name, role, ...flags) {
  const password = join(folder, 'password');
  await writeFile(password, PASSWORD);
  const key = [`keys-of-${name}`, '--role', role, '--space', 'north', ...flags];
  await mustRun(['key', 'create', ...key, '--data', folder]);
  const user = [name, '--key', `keys-of-${name}`, '--password-file', password];
  await mustRun(['user', 'create', ...user, '--data', folder]);
}

/** Returns axe-core, as a script for a page. */
export function axe() {
  return readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}

export class Pages {
  constructor(browser, server, axe) {
    Object.assign(this, { browser, server, axe });
  }

  /** Starts a browser on a server's pages and signs somebody in. */
  static async start(server, name) {
    const pages = new Pages(await Chromium.start(), server, await axe());
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

  /** Presses a button that begins a work, and waits for its page to tell what came of it. */
  async works(selector) {
    await this.press(selector);
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      if (!(await this.evaluate('document.querySelector("svg.busy") !== null'))) return;
      await this.open(await this.path());
    }
    throw new Error(`a work has not ended after ${ASKED_MAX} looks`);
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
  async key(key, windowsVirtualKeyCode, more = {}) {
    for (const type of ['keyDown', 'keyUp']) {
      await this.browser.ask('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode, ...more });
    }
  }

  /** Presses Tab until an element has the focus. */
  async tabTo(selector) {
    for (let presses = 0; presses < TABS_MAX; presses += 1) {
      await this.key('Tab', 9);
      if (await this.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    }
    throw new Error(`${selector} is not reached by ${TABS_MAX} presses of Tab`);
  }

  /** Presses Enter on what has the focus, which leads to another page. */
  enter() {
    return this.browser.leads(() => this.key('Enter', 13, { text: '\r' }));
  }

  /** Presses the space bar on what has the focus. */
  space() {
    return this.key(' ', 32, { code: 'Space', text: ' ' });
  }

  /** Types a text into what has the focus. */
  type(text) {
    return this.browser.ask('Input.insertText', { text });
  }

  async speak(language) {
    await this.open('/account');
    await this.press(`button[name="language"][value="${language}"]`);
  }

  /** Opens a page and looks for what keeps people out (WCAG 2.1 AA) and for what is wider than the window. */
  async check(path, where) {
    await this.browser.ask('Page.setBypassCSP', { enabled: true });
    await this.open(path);
    assert.equal(await this.evaluate('document.scripts.length'), 0, `${where} needs no script`);
    await this.evaluate(this.axe);
    const found = await this.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
      + '.then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
    );
    assert.deepEqual(found, [], where);
    const [wide, window] = await this.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    assert.ok(wide <= window, `${where} is ${wide} pixels wide in a window of ${window}`);
    await this.look(where);
    await this.browser.ask('Page.setBypassCSP', { enabled: false });
  }

  /** Takes a picture of the page for people to look at, where somebody asked for pictures. */
  async look(where) {
    if (!PICTURES) return;
    const { data } = await this.browser.ask('Page.captureScreenshot', { captureBeyondViewport: true });
    await writeFile(join(PICTURES, `${where.replaceAll(/[^a-z0-9]+/g, '-')}.png`), Buffer.from(data, 'base64'));
  }
}
