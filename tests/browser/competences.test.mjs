// The pages of competences in a real browser: from the tree to why somebody has a level.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { mustRun } from '../clients/src/binary.mjs';
import { LANGUAGES, Pages, WIDTHS, makeUser } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

const world = (name) => fileURLToPath(new URL(`../clients/world/${name}`, import.meta.url));
const PLANNING = 'https://example.org/frameworks/enterprise/1/planning';
const HOME = 'https://lms.example.org';
/** How many learners there are beside those of the world, in two regions and two courses. */
const LEARNERS = 24;

const quiz = (learner, name, scaled, day) => ({
  actor: { account: { homePage: HOME, name: `learner-of-${learner}` } },
  verb: { id: 'http://adlnet.gov/expapi/verbs/passed' },
  object: { id: `${HOME}/courses/startup/${name}` },
  result: { score: { scaled } },
  context: { contextActivities: {
    grouping: [{ id: `${HOME}/courses/${learner % 3 ? 'startup' : 'bookkeeping'}` }],
  } },
  timestamp: `2025-06-${day}T09:00:00Z`,
});
const PRE = [0.1, 0.45, 0.65];
const POST = [0.45, 0.65, 0.85, 0.85];

/** Registers the learners: a region, a gender and an account each. */
async function register(folder) {
  const each = Array.from({ length: LEARNERS }, (_, at) => at + 1);
  const people = each.map((at) => `q-${at},${at % 2 ? 'female' : 'male'},1990-1999,${at % 4 ? 'NO060' : 'SE322'}`);
  const identities = each.map((at) => `account:learner-of-${at}|${HOME},q-${at}`);
  const affiliations = each.map((at) => `q-${at},${at % 4 ? 'NO-100000016' : 'SE-402000-0008'}`);
  const files = [
    ['people.csv', ['pseudonym,gender,birth_year_band,nuts3', ...people]],
    ['identities.csv', ['ifi,pseudonym', ...identities]],
    ['affiliations.csv', ['pseudonym,orgnr', ...affiliations]],
  ].map(async ([name, lines]) => {
    const path = join(folder, name);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  });
  await mustRun(['import', 'registers', ...await Promise.all(files), '--data', folder]);
}

describe('the pages of competences, in Chromium', () => {
  let server;
  let pages;
  const one = (more) => `/competences/one?competence=${encodeURIComponent(PLANNING)}${more}`;
  const why = `/competences/why?person=q-1&competence=${encodeURIComponent(PLANNING)}`;

  before(async () => {
    const folder = await makeFolder();
    await register(folder);
    const definitions = ['framework.json', 'planning-before.yaml'].map(world);
    await mustRun(['rules', 'activate', ...definitions, '--data', folder]);
    server = await Server.start(folder);
    await makeUser(folder, 'ada', 'data-steward');
    await makeUser(folder, 'eva', 'evaluator', '--partner', 'SE-402000-0008');
    const each = Array.from({ length: LEARNERS }, (_, at) => at + 1);
    const posted = await server.post(JSON.stringify(each.flatMap((at) => [
      quiz(at, 'entry-quiz', PRE[at % 3], '02'),
      ...(at % 6 ? [quiz(at, 'quiz', POST[at % 4], 20)] : []),
    ])));
    assert.equal(posted.status, 200, await posted.text());
    await server.results('/api/v1/outcomes', posted.headers.get('X-Experience-API-Consistent-Through'));
    pages = await Pages.start(server, 'ada');
  });

  after(async () => {
    await pages?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
  });

  test('from the tree to the statement that shows a level, by links alone', async () => {
    await pages.open('/');
    await pages.press('nav a[href="/competences"]');
    await pages.press(`main a[href*="planning"]`);
    assert.equal(await pages.path(), '/competences/one');
    const api = await (await server.fetch(`/api/v1/cohorts?project=north&competence=${PLANNING}`)).json();
    const counted = await pages.evaluate(
      "[...document.querySelector('#levels-title').closest('figure').querySelectorAll('tbody tr')]"
      + '.map((row) => row.cells[1].textContent)',
    );
    assert.deepEqual(counted, api.cohorts.map((cohort) => String(cohort.persons)));
    await pages.press('main a[href^="/competences/outcomes?"]');
    const rows = await pages.evaluate("document.querySelectorAll('tbody tr').length");
    const { outcomes } = await (await server.fetch(`/api/v1/outcomes?competence=${PLANNING}`)).json();
    assert.equal(rows, outcomes.length);
    assert.ok(rows > LEARNERS / 2, `${rows} outcomes`);
    const persons = await pages.evaluate("document.querySelectorAll('tbody th a[href^=\"/learners/\"]').length");
    assert.equal(persons, rows, 'each person has a page');
    await pages.press('main a[href^="/competences/why"]');
    assert.match(await pages.text(), /is at least 0\.\d+/);
    await pages.press('main a[href^="/statements/"]');
    assert.match(await pages.text(), /quiz/);
  });

  test('the keyboard alone compares the regions', async () => {
    await pages.width(1440);
    await pages.open(one(''));
    await pages.evaluate("document.querySelector('#by').focus()");
    // The second of the choices is the region.
    await pages.key('ArrowDown', 40);
    await pages.tabTo('main form .button');
    await pages.enter();
    assert.match(await pages.evaluate('location.search'), /by=nuts3/);
    assert.match(await pages.text(), /NO060/);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        const against = one('&by=nuts3&against=SE322&target=2');
        const outcomes = `/competences/outcomes?competence=${encodeURIComponent(PLANNING)}`;
        const named = [
          ['tree', '/competences'], ['one', one('')], ['against', against], ['outcomes', outcomes], ['why', why],
        ];
        for (const [name, path] of named) await pages.check(path, `competences ${name} ${language} ${pixels}`);
        assert.equal(await pages.evaluate('document.documentElement.lang'), language);
        await pages.open(against);
        const drawn = await pages.evaluate(
          "[...document.querySelectorAll('svg[role=img]')].map((svg) => svg.querySelector('desc').textContent)",
        );
        assert.equal(drawn.length, 3);
        assert.ok(drawn.every((finding) => /\d/.test(finding)), drawn.join('\n'));
      });
    }
  }

  test('it is as legible in the dark', async () => {
    const dark = (value) => pages.browser.ask('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value }],
    });
    await pages.width(1440);
    await dark('dark');
    await pages.check(one('&by=nuts3'), 'competences one dark');
    await dark('light');
  });

  test('an evaluator reads the rows of the own partner, and that no period has numbers yet', async () => {
    const own = await Pages.start(server, 'eva');
    try {
      await own.speak('en');
      await own.check(one(''), 'competences evaluator');
      assert.match(await own.text(), /whole project at the end of a period/);
      await own.press('main a[href^="/competences/outcomes?"]');
      await own.open(`/competences/outcomes?competence=${encodeURIComponent(PLANNING)}`);
      const text = await own.text();
      assert.match(text, /q-1\b/);
      // Of another partner, in a course of another partner.
      assert.doesNotMatch(text, /q-3\b/);
      await own.open(why);
      assert.match(await own.text(), /is at least/);
      assert.equal(await own.evaluate("document.querySelectorAll('main a[href^=\"/statements/\"]').length"), 0);
    } finally {
      await own.end();
    }
  });
});
