// People sign in and out in real browsers.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { mustRun } from '../src/binary.mjs';
import { Chromium } from '../src/chromium.mjs';
import { Server, makeFolder, removeFolder } from '../src/server.mjs';

const PASSWORD = 'a password for tests';
const IN = 'form[action="/sign-in"] button';
const OUT = 'form[action="/sign-out"] button';
const EVERYWHERE = 'form[action="/sign-out/everywhere"] button';

describe('signing in, in Chromium', () => {
  const browsers = [];
  let server;

  before(async () => {
    const folder = await makeFolder();
    const password = join(folder, 'password');
    await writeFile(password, PASSWORD);
    const administrators = ['administrators', '--role', 'administrator', '--space', 'north'];
    await mustRun(['key', 'create', ...administrators, '--data', folder]);
    const ada = ['ada', '--key', 'administrators', '--password-file', password];
    await mustRun(['user', 'create', ...ada, '--data', folder]);
    server = await Server.start(folder);
    for (let i = 0; i < 2; i += 1) browsers.push(await Chromium.start());
  });

  after(async () => {
    for (const browser of browsers) await browser.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  const open = (browser) => browser.open(`http://${server.address}/sign-in`);
  const signIn = async (browser, password = PASSWORD) => {
    await open(browser);
    await browser.submit({ name: 'ada', password }, IN);
  };
  /** Opens the page so that a script of it may ask the server, which its own policy does not allow. */
  const openScripted = async (browser) => {
    await browser.ask('Page.setBypassCSP', { enabled: true });
    await open(browser);
    await browser.ask('Page.setBypassCSP', { enabled: false });
  };
  /** Asks as a script of the page would: the status. */
  const ask = (browser, path, init = {}) => browser.evaluate(
    `fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then((answer) => answer.status)`,
  );
  const me = (browser) => browser.evaluate(
    "fetch('/api/v1/me').then((answer) => answer.json()).then(({ user }) => user)",
  );

  test('a wrong password is told, and gives no cookie', async () => {
    const [browser] = browsers;
    await signIn(browser, 'not the password');
    assert.match(await browser.text(), /user name or the password is wrong/);
    assert.deepEqual(await browser.cookies(), []);
  });

  test('the right one gives a cookie that no script reads and no other site sends along', async () => {
    const [browser] = browsers;
    await signIn(browser);
    assert.match(await browser.text(), /Signed in as ada/);
    const [cookie, ...more] = await browser.cookies();
    assert.deepEqual(more, []);
    const { name, httpOnly, secure, sameSite, path } = cookie;
    assert.deepEqual(
      { name, httpOnly, secure, sameSite, path },
      { name: '__Host-varde', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
    );
    assert.equal(await browser.evaluate('document.cookie'), '');
  });

  test('a page reads by the cookie, and changes something with its proof alone', async () => {
    const [browser] = browsers;
    await openScripted(browser);
    const { name, role, csrf_token: proof } = await me(browser);
    assert.deepEqual({ name, role }, { name: 'ada', role: 'administrator' });
    assert.equal(await ask(browser, '/api/v1/keys'), 200);
    const remove = (headers) => ask(browser, '/api/v1/keys?name=none', { method: 'DELETE', headers });
    assert.equal(await remove({}), 403);
    assert.equal(await remove({ 'X-CSRF-Token': proof }), 404);
  });

  test('signing out ends one browser, and leaves the other', async () => {
    const [one, other] = browsers;
    await signIn(other);
    await open(one);
    await one.submit({}, OUT);
    assert.match(await one.text(), /User name/);
    assert.deepEqual(await one.cookies(), []);
    await open(other);
    assert.match(await other.text(), /Signed in as ada/);
  });

  test('signing out everywhere ends the other browser too', async () => {
    const [one, other] = browsers;
    await signIn(one);
    await open(one);
    await one.submit({}, EVERYWHERE);
    assert.match(await one.text(), /User name/);
    await openScripted(other);
    assert.equal(await me(other), null);
    assert.equal(await ask(other, '/api/v1/keys'), 401);
  });
});
