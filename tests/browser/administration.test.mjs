// The pages of refusals and of administration, in a real browser: a key made and revoked by keyboard, and nothing that
// keeps anybody out.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { LANGUAGES, Pages, WIDTHS, makeUser } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

describe('the pages of administration, in Chromium', () => {
  let server;
  let pages;


  before(async () => {
    const folder = await makeFolder();
    server = await Server.start(folder);
    await makeUser(folder, 'ada', 'administrator');
    const refused = [{ actor: { mbox: 'kari@example.org' } }, { actor: { account: { name: 'Kari' } }, Kari: 1 }];
    assert.equal((await server.post(JSON.stringify(refused))).status, 400);
    // What was refused is on record at an orderly stop, and within seconds.
    assert.equal(await server.stop(), 0);
    server = await Server.start(folder);
    pages = await Pages.start(server, 'ada');
  });

  after(async () => {
    await pages?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  test('a refusal is told with the mend, and without what was sent', async () => {
    await pages.speak('en');
    await pages.open('/refusals');
    const text = await pages.text();
    assert.match(text, /\$\[0\]\.actor\.mbox/);
    assert.match(text, /Identify each person in exactly one way/);
    assert.doesNotMatch(text, /kari/i);
  });

  test('a key is made and revoked with the keyboard alone', async () => {
    await pages.width(1440);
    await pages.open('/administration/keys/new');
    await pages.tabTo('input[name="name"]');
    await pages.type('moodle');
    await pages.tabTo('input[name="scopes"][value="statements/write"]');
    await pages.space();
    await pages.tabTo('main button');
    await pages.enter();
    const secret = await pages.evaluate('document.querySelector("pre code").textContent');
    assert.ok(secret.length >= 43, secret);
    const posted = () => fetch(`http://${server.address}/xapi/statements`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`moodle:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
        'x-experience-api-version': '1.0.3',
      },
      body: '[]',
    });
    assert.equal((await posted()).status, 200);
    await pages.open('/administration/key?name=moodle');
    assert.ok(!(await pages.text()).includes(secret), 'it is shown once');
    await pages.tabTo('a[href^="/administration/key/revoke"]');
    await pages.enter();
    await pages.tabTo('main button');
    await pages.enter();
    assert.match(await pages.text(), /The key was revoked\./);
    assert.equal((await posted()).status, 401);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        for (const page of [
          '/refusals', '/refusals?key=nobody', '/administration', '/administration/keys', '/administration/keys/new',
          '/administration/key?name=keys-of-ada', '/administration/key/revoke?name=keys-of-ada', '/administration/people',
          '/administration/person?name=ada', '/administration/person/disable?name=ada', '/administration/projects',
          '/administration/definitions', '/administration/audit', '/administration/system',
        ]) {
          await pages.check(page, `${page} ${language} ${pixels}`);
          assert.equal(await pages.evaluate('document.documentElement.lang'), language, page);
        }
      });
    }
  }
});
