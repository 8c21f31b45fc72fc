// A browser that a test opens pages in, presses buttons of and asks for its cookies: Debian's Chromium, driven by Playwright.

import { chromium } from 'playwright-core';

const CHROMIUM = process.env.VARDE_TEST_CHROMIUM ?? '/usr/bin/chromium';

export class Chromium {
  /** Starts a browser with a profile of its own, and one page. */
  static async start() {
    const browser = new Chromium();
    browser.process = await chromium.launch({
      executablePath: CHROMIUM,
      // The sandbox needs rights that root in a container lacks; the only pages opened are our own.
      chromiumSandbox: false,
      args: [
        '--disable-gpu',
        // A test speaks to this machine and to no other.
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
      ],
    });
    browser.context = await browser.process.newContext({ locale: 'en', viewport: null });
    browser.page = await browser.context.newPage();
    browser.session = await browser.context.newCDPSession(browser.page);
    return browser;
  }

  /** Sends a command of the debugging protocol and returns its result. */
  ask(method, params = {}) {
    return this.session.send(method, params);
  }

  /** Does what leads to another page, and returns when that has loaded, redirects and all. */
  async leads(act) {
    await Promise.all([this.page.waitForEvent('load'), act()]);
  }

  /** Opens an address. */
  async open(url) {
    await this.page.goto(url);
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
  cookies() {
    return this.context.cookies();
  }

  /** Ends the browser and removes what it kept. */
  end() {
    return this.process.close();
  }
}
