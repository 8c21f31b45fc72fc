// People sign in at a certified OpenID Connect provider, in a real browser.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { mustRun } from '../src/binary.mjs';
import { Chromium } from '../src/chromium.mjs';
import { AUDIENCE, CLIENT, Issuer } from '../src/provider.mjs';
import { Server, makeFolder, removeFolder } from '../src/server.mjs';

const NEXT = 'button[type=submit]';
const EVERYWHERE = 'form[action="/sign-out/everywhere"] button';

/** The provider must know where people come back to before the server listens. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

describe('signing in at oidc-provider, in Chromium', () => {
  const browsers = [];
  let issuer;
  let server;

  before(async () => {
    const address = `127.0.0.1:${await freePort()}`;
    issuer = await Issuer.start('RS256', [`http://${address}/sign-in/north/callback`]);
    const folder = await makeFolder();
    for (const role of ['administrator', 'auditor']) {
      await mustRun(['key', 'create', `${role}s`, '--role', role, '--space', 'north', '--data', folder]);
    }
    const secret = join(folder, 'client-secret');
    await writeFile(secret, `${CLIENT.secret}\n`);
    const config = join(folder, 'varde.toml');
    await writeFile(config, `
[[oidc.issuers]]
issuer = "${issuer.url}"
audience = "${AUDIENCE}"
key = "administrators"

[[sign_in.issuers]]
name = "north"
issuer = "${issuer.url}"
client_id = "${CLIENT.id}"
client_secret_file = "${secret}"
scopes = ["groups"]
role_claim = "groups"
roles = [{ value = "steering", key = "administrators" }, { value = "audit", key = "auditors" }]
`);
    server = await Server.start(folder, '--config', config, '--listen', address, '--public-url', `http://${address}`);
    for (let i = 0; i < 3; i += 1) browsers.push(await Chromium.start());
  });

  after(async () => {
    for (const browser of browsers) await browser.end();
    assert.equal(await server.stop(), 0);
    await issuer.stop();
    await removeFolder(server.folder);
  });

  /** Goes to the provider by the link of the page, signs in there, consents, and comes back. */
  const signIn = async (browser, login) => {
    await browser.open(`http://${server.address}/sign-in`);
    await browser.leads(() => browser.evaluate("document.querySelector('a[href=\"/sign-in/north\"]').click()"));
    await browser.submit({ login, password: 'any' }, NEXT);
    await browser.submit({}, NEXT);
  };

  test('who has a role there is signed in here', async () => {
    await signIn(browsers[0], 'ada-steering');
    assert.match(await browsers[0].text(), /Signed in as ada-steering/);
    const cookies = await browsers[0].cookies();
    assert.ok(cookies.some(({ name, httpOnly }) => name === '__Host-varde' && httpOnly));
    assert.ok(!cookies.some(({ name }) => name === '__Host-varde-journey'), 'the journey is over');
  });

  test('after the provider changed its key, another browser signs in, and ends the first', async () => {
    issuer.rotate('ES256');
    await signIn(browsers[1], 'ada-steering');
    await browsers[1].open(`http://${server.address}/account`);
    await browsers[1].submit({}, EVERYWHERE);
    await browsers[0].open(`http://${server.address}/sign-in`);
    assert.match(await browsers[0].text(), /User name/);
  });

  test('who has no role that is known here is told so, and gets no cookie', async () => {
    await signIn(browsers[2], 'bo-kitchen');
    assert.match(await browsers[2].text(), /you have no role here/);
    const cookies = await browsers[2].cookies();
    assert.ok(!cookies.some(({ name }) => name === '__Host-varde'));
  });
});
