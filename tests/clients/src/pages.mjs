// Going through Varde's pages in a browser, by pointer and by keyboard, and looking for what keeps people out.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const LANGUAGES = ['nb', 'sv', 'en'];
export const WIDTHS = [360, 1440];
/** Where pictures of the pages are put, for people to look at; nowhere unless it is named. */
const PICTURES = process.env.VARDE_TEST_PICTURES;
/** How often the Tab key is pressed before an element that it does not reach is a failure. */
const TABS_MAX = 300;

export class Pages {
  constructor(browser, server, axe) {
    Object.assign(this, { browser, server, axe });
  }

  open(path) {
    return this.browser.open(`http://${this.server.address}${path}`);
  }

  /** Presses what leads to another page. */
  press(selector) {
    return this.browser.leads(() => this.browser.evaluate(
      `document.querySelector(${JSON.stringify(selector)}).click()`,
    ));
  }

  path() {
    return this.browser.evaluate('location.pathname');
  }

  width(pixels) {
    return this.browser.ask('Emulation.setDeviceMetricsOverride', {
      width: pixels, height: 900, deviceScaleFactor: 1, mobile: false,
    });
  }

  /** Chooses a language, as a person does. */
  async speak(language) {
    await this.open('/account');
    await this.press(`button[name="language"][value="${language}"]`);
  }

  async key(key, code, more = {}) {
    for (const type of ['keyDown', 'keyUp']) {
      await this.browser.ask('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: code, ...more });
    }
  }

  /** Presses Tab until an element has the focus. */
  async tabTo(selector) {
    for (let presses = 0; presses < TABS_MAX; presses += 1) {
      await this.key('Tab', 9);
      if (await this.browser.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    }
    throw new Error(`${selector} is not reached by ${TABS_MAX} presses of Tab`);
  }

  /** Presses Enter on what has the focus, which leads to another page. */
  enter() {
    return this.browser.leads(() => this.key('Enter', 13, { text: '\r' }));
  }

  /** Looks for what keeps people out (WCAG 2.1 AA) and for what is wider than the window. */
  async check(path, where) {
    const { browser } = this;
    await browser.ask('Page.setBypassCSP', { enabled: true });
    await this.open(path);
    await browser.evaluate(this.axe);
    const found = await browser.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })"
      + '.then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
    );
    assert.deepEqual(found, [], where);
    const [wide, window] = await browser.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    assert.ok(wide <= window, `${where} is ${wide} pixels wide in a window of ${window}`);
    await this.look(where);
    await browser.ask('Page.setBypassCSP', { enabled: false });
  }

  /** Takes a picture of the page for people to look at, where somebody asked for pictures. */
  async look(where) {
    if (!PICTURES) return;
    const { data } = await this.browser.ask('Page.captureScreenshot', { captureBeyondViewport: true });
    await writeFile(join(PICTURES, `${where.replaceAll(/[^a-z0-9]+/g, '-')}.png`), Buffer.from(data, 'base64'));
  }
}
