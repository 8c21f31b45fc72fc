// @xapi/xapi, with each of the two ways in which it sends requests.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import XAPI from '@xapi/xapi';

import {
  BOOKMARK, BY_ACCOUNT, CERTIFICATE, COURSE_ID, NEXT_BOOKMARK, asSent, certified, courseOf, visits,
} from '../src/course.mjs';
import { NOTHING, expected, numbers } from '../src/numbers.mjs';
import { KEY, SECRET, Server, makeFolder, removeFolder } from '../src/server.mjs';

for (const adapter of ['axios', 'fetch']) {
  describe(`@xapi/xapi by ${adapter}`, () => {
    let server;
    let client;

    before(async () => {
      server = await Server.start(await makeFolder(), '--statements-per-page-max', '5');
      const auth = XAPI.toBasicAuth(KEY, SECRET);
      client = new XAPI({ endpoint: server.endpoint, auth, adapter });
    });

    after(async () => {
      assert.equal(await server.stop(), 0);
      await removeFolder(server.folder);
    });

    test('reads which versions the server speaks', async () => {
      const { data } = await client.getAbout();
      assert.ok(data.version.includes('1.0.3'), data.version);
    });

    test('stores a course, reads it back as sent, and moves the outcome and the indicators', async () => {
      const sent = courseOf(BY_ACCOUNT);
      assert.deepEqual(await numbers(server), NOTHING);
      const first = await client.sendStatement({ statement: sent[0] });
      const rest = await client.sendStatements({ statements: sent.slice(1) });
      const ids = [...first.data, ...rest.data];
      for (const [index, statementId] of ids.entries()) {
        const { data } = await client.getStatement({ statementId });
        assert.deepEqual(asSent(data), sent[index]);
        assert.equal(data.id, statementId);
        assert.equal(data.version, '1.0.0');
        assert.ok(data.authority);
      }
      const through = rest.headers['x-experience-api-consistent-through'];
      assert.ok(through, 'the answer says up to when reading is complete');
      assert.deepEqual(await numbers(server, through), expected('p-001', ids));
    });

    test('sends the same statement again under its id without counting it twice', async () => {
      const [begun] = await server.everything();
      const again = { ...courseOf(BY_ACCOUNT)[0], id: begun.id };
      const { data, headers } = await client.sendStatement({ statement: again });
      assert.deepEqual(data, [begun.id]);
      const { participations } = await numbers(server, headers['x-experience-api-consistent-through']);
      assert.equal(participations.value, 1);
    });

    test('walks every page by its more link', async () => {
      const sent = visits(BY_ACCOUNT, 12);
      await client.sendStatements({ statements: sent });
      const query = { verb: 'http://adlnet.gov/expapi/verbs/experienced', ascending: true };
      let { data: page } = await client.getStatements(query);
      const read = [...page.statements];
      const sizes = [page.statements.length];
      while (page.more) {
        ({ data: page } = await client.getMoreStatements({ more: page.more }));
        read.push(...page.statements);
        sizes.push(page.statements.length);
      }
      assert.deepEqual(sizes, [5, 5, 2]);
      assert.deepEqual(read.map(asSent), sent);
    });

    test('selects by agent, activity and time of storing', async () => {
      const [begun, passed, completed] = await server.everything();
      const activity = 'https://lms.example.org/courses/startup/quiz';
      const { data: page } = await client.getStatements({ agent: BY_ACCOUNT, activity });
      assert.deepEqual(page.statements, [passed]);
      const window = { since: begun.stored, until: completed.stored, ascending: true };
      const { data: between } = await client.getStatements(window);
      assert.deepEqual(between.statements, [passed, completed]);
      const nobody = { mbox: 'mailto:nobody@example.org' };
      assert.deepEqual((await client.getStatements({ agent: nobody })).data.statements, []);
    });

    test('finds by an agent whose query makes a very long address', async () => {
      const agent = { ...BY_ACCOUNT, name: 'A learner '.repeat(400) };
      const { data: page } = await client.getStatements({ agent, limit: 1 });
      assert.equal(page.statements.length, 1);
    });

    test('keeps, merges, lists and drops the state of a learner in a course', async () => {
      const where = { agent: BY_ACCOUNT, activityId: COURSE_ID, stateId: 'bookmark' };
      await client.setState({ ...where, state: BOOKMARK });
      const kept = await client.getState(where);
      assert.deepEqual(kept.data, BOOKMARK);
      await client.createState({ ...where, state: NEXT_BOOKMARK });
      assert.deepEqual((await client.getState(where)).data, { ...BOOKMARK, ...NEXT_BOOKMARK });
      assert.deepEqual((await client.getStates(where)).data, ['bookmark']);
      await client.deleteState(where);
      await assert.rejects(client.getState(where));
    });

    test('keeps profiles, which only those change who know the present one', async () => {
      const first = { etag: '*', matchHeader: 'If-None-Match' };
      for (const [set, get, where] of [
        ['setAgentProfile', 'getAgentProfile', { agent: BY_ACCOUNT, profileId: 'preferences' }],
        ['setActivityProfile', 'getActivityProfile', { activityId: COURSE_ID, profileId: 'outline' }],
      ]) {
        await client[set]({ ...where, profile: BOOKMARK, ...first });
        await assert.rejects(client[set]({ ...where, profile: NEXT_BOOKMARK, ...first }));
        const { data, headers: { etag } } = await client[get](where);
        assert.deepEqual(data, BOOKMARK);
        await client[set]({ ...where, profile: NEXT_BOOKMARK, etag, matchHeader: 'If-Match' });
        await assert.rejects(client[set]({ ...where, profile: BOOKMARK, etag, matchHeader: 'If-Match' }));
        assert.deepEqual((await client[get](where)).data, NEXT_BOOKMARK);
      }
    });

    test('asks what is known of an agent and of an activity', async () => {
      const { data: person } = await client.getAgent({ agent: BY_ACCOUNT });
      assert.deepEqual(person.account, [BY_ACCOUNT.account]);
      const { data: activity } = await client.getActivity({ activityId: COURSE_ID });
      assert.equal(activity.definition.name.en, 'Start a business together');
    });

    // Under Node axios replaces the content type of several parts; the page's test covers axios.
    if (adapter === 'fetch') {
      test('stores a certificate as an attachment and reads it back', async () => {
        const statement = certified(BY_ACCOUNT);
        const attachments = [new TextEncoder().encode(CERTIFICATE).buffer];
        const { data: [statementId] } = await client.sendStatement({ statement, attachments });
        const { data } = await client.getStatement({ statementId, attachments: true });
        const [read, certificate] = data;
        assert.deepEqual(asSent(read), statement);
        assert.equal(certificate.data ?? certificate, CERTIFICATE);
        const { data: { statements: [alone] } } = await client.getStatements({ limit: 1 });
        assert.deepEqual(asSent(alone), statement);
      });
    }

    test('voids a statement, which leaves the page and the completions', async () => {
      const [, , completed] = await server.everything();
      const actor = { objectType: 'Agent', ...BY_ACCOUNT };
      const { headers } = await client.voidStatement({ actor, statementId: completed.id });
      const { data: voided } = await client.getVoidedStatement({ voidedStatementId: completed.id });
      assert.deepEqual(voided, completed);
      await assert.rejects(client.getStatement({ statementId: completed.id }));
      const { participations, completions } =
        await numbers(server, headers['x-experience-api-consistent-through']);
      assert.equal(participations.value, 1);
      assert.deepEqual(completions, NOTHING.completions);
    });
  });
}
