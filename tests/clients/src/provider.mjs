// A certified OpenID Connect provider, at a port of the loopback address, with keys that change.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

export const AUDIENCE = 'https://varde.example.org';
export const CLIENT = { id: 'north-lms', secret: 'a secret for tests' };

/** The kinds of key that a provider signs with. */
const KINDS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

export class Issuer {
  /** Starts an issuer whose first key is for an algorithm. */
  static async start(algorithm, redirectUris = []) {
    const issuer = new Issuer();
    issuer.redirectUris = redirectUris;
    issuer.server = createServer((request, response) => issuer.answer(request, response));
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    issuer.url = `http://127.0.0.1:${issuer.server.address().port}`;
    issuer.rotate(algorithm);
    return issuer;
  }

  /** Signs with a new key from now on, and publishes no other. */
  rotate(algorithm) {
    const jwk = KINDS[algorithm]().privateKey.export({ format: 'jwk' });
    const provider = new Provider(this.url, {
      clients: [{
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['client_credentials', ...(this.redirectUris.length ? ['authorization_code'] : [])],
        id_token_signed_response_alg: algorithm,
        redirect_uris: this.redirectUris,
        response_types: this.redirectUris.length ? ['code'] : [],
      }],
      jwks: { keys: [{ ...jwk, use: 'sig', alg: algorithm }] },
      // People: each has the role that the part of the name behind the hyphen says.
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: [id.split('-')[1]] }) }),
      claims: { openid: ['sub'], groups: ['groups'] },
      conformIdTokenClaims: false,
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: this.redirectUris.length > 0 },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_, audience) => ({
            audience,
            scope: 'statements/write statements/read/mine all',
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: algorithm } },
          }),
        },
      },
    });
    this.answer = provider.callback();
  }

  /** Returns a token for the client itself, as its machine would get one. */
  async token(scope, audience = AUDIENCE) {
    const answer = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: audience }),
    });
    const body = await answer.json();
    if (answer.status !== 200) throw new Error(JSON.stringify(body));
    return body.access_token;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
