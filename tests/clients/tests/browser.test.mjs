// @xapi/xapi and TinCanJS where most courses run them: in a page of another origin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openPage } from '../src/browser.mjs';
import {
  BOOKMARK, BY_ACCOUNT, CERTIFICATE, COURSE_ID, asSent, certified, courseOf, visits,
} from '../src/course.mjs';
import { expected, numbers } from '../src/numbers.mjs';
import { KEY, SECRET, Server, makeFolder, removeFolder } from '../src/server.mjs';

describe('in Chromium', () => {
  const course = courseOf(BY_ACCOUNT);
  const seen = visits(BY_ACCOUNT, 12);
  let server;
  let results;

  before(async () => {
    server = await Server.start(await makeFolder(), '--statements-per-page-max', '5');
    results = await openPage({
      endpoint: server.endpoint,
      name: KEY,
      secret: SECRET,
      course,
      certified: certified(BY_ACCOUNT),
      certificate: CERTIFICATE,
      visits: seen,
      learner: BY_ACCOUNT,
      bookmark: BOOKMARK,
      activityId: COURSE_ID,
    });
  });

  after(async () => {
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  const gave = ({ gave: given, failed }) => {
    assert.equal(failed, undefined);
    return given;
  };

  test('@xapi/xapi stores a course and reads answers with their headers', async () => {
    const { ids, read, through, state, etag } = gave(results.xapi);
    assert.deepEqual(asSent(read), course[0]);
    assert.deepEqual(state, BOOKMARK);
    assert.match(etag, /^"[0-9a-f]{40}"$/);
    assert.ok(through, 'a page may read up to when reading is complete');
    assert.deepEqual(await numbers(server, through), expected('p-001', ids));
  });

  test('@xapi/xapi stores a certificate as an attachment and reads it back', () => {
    const { read, certificate } = gave(results.attachment);
    assert.deepEqual(asSent(read), certified(BY_ACCOUNT));
    assert.equal(certificate, CERTIFICATE);
  });

  test('a page reads why it was refused', () => {
    const { status, faults } = gave(results.refused);
    assert.equal(status, 400);
    assert.equal(faults, 2);
  });

  test('TinCanJS asks by a form where the address would be too long, and walks every page', () => {
    assert.deepEqual(gave(results.tincan), seen.map(({ object }) => object.id));
  });
});
