// Bearer tokens of a certified OpenID Connect provider.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { mustRun } from '../src/binary.mjs';
import { AUDIENCE, Issuer } from '../src/provider.mjs';
import { Server, makeFolder, removeFolder } from '../src/server.mjs';

const SCOPES = 'statements/write statements/read/mine';
const STATEMENT = JSON.stringify({
  actor: { mbox: 'mailto:learner@example.org' },
  verb: { id: 'https://example.org/verbs/finished' },
  object: { id: 'https://example.org/courses/welding' },
});

describe('bearer tokens of oidc-provider', () => {
  let issuer;
  let server;

  before(async () => {
    issuer = await Issuer.start('RS256');
    const folder = await makeFolder();
    await mustRun(['key', 'create', 'north-issuer', '--space', 'north', '--data', folder]);
    const config = join(folder, 'varde.toml');
    await writeFile(config, `
[[oidc.issuers]]
issuer = "${issuer.url}"
audience = "${AUDIENCE}"
key = "north-issuer"
`);
    server = await Server.start(folder, '--config', config);
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await issuer.stop();
    await removeFolder(server.folder);
  });

  const by = (token) => ({ Authorization: `Bearer ${token}` });
  const statements = (token) => server.fetch('/xapi/statements', { headers: by(token) });

  test('a token stores a statement with its subject as the authority, and reads it back', async () => {
    const token = await issuer.token(SCOPES);
    const stored = await server.post(STATEMENT, by(token));
    assert.equal(stored.status, 200, await stored.clone().text());
    const [id] = await stored.json();
    const page = await (await statements(token)).json();
    assert.deepEqual(page.statements.map((one) => one.id), [id]);
    assert.deepEqual(page.statements[0].authority, {
      objectType: 'Agent', account: { homePage: issuer.url, name: 'north-lms' },
    });
  });

  test('a token may no more than its scopes, nor than the key of its issuer', async () => {
    const writer = await issuer.token('statements/write');
    assert.equal((await statements(writer)).status, 403);
    const greedy = await issuer.token('all');
    assert.equal((await statements(greedy)).status, 403);
    assert.equal((await server.fetch('/api/v1/outcomes', { headers: by(greedy) })).status, 403);
  });

  test('a token for another audience, and one that was altered, are refused', async () => {
    const elsewhere = await issuer.token(SCOPES, 'https://other.example.org');
    assert.equal((await statements(elsewhere)).status, 401);
    const token = await issuer.token(SCOPES);
    const [header, claims, signature] = token.split('.');
    const raised = JSON.parse(Buffer.from(claims, 'base64url'));
    raised.scope = 'all';
    const forged = [header, Buffer.from(JSON.stringify(raised)).toString('base64url'), signature];
    assert.equal((await statements(forged.join('.'))).status, 401);
    assert.equal((await statements(token)).status, 200);
  });

  test('after the issuer changed its key, new tokens are let in', async () => {
    issuer.rotate('ES256');
    assert.equal((await statements(await issuer.token(SCOPES))).status, 200);
  });

  test('a revoked key shuts out every token of its issuer', async () => {
    const token = await issuer.token(SCOPES);
    assert.equal((await statements(token)).status, 200);
    await mustRun(['key', 'revoke', 'north-issuer', '--data', server.folder]);
    assert.equal((await statements(token)).status, 401);
  });
});
