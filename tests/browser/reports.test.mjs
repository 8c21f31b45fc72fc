// Reports, imports and what is published, in a real browser without a script: opened, checked, submitted, returned, accepted,
// packed and verified; a file tried and imported; tables published and read by a funder.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { mustRun, run } from '../clients/src/binary.mjs';
import { Chromium } from '../clients/src/chromium.mjs';
import { LANGUAGES, Pages, WIDTHS, axe } from '../clients/src/pages.mjs';
import { Server, makeFolder, removeFolder } from '../clients/src/server.mjs';

const PASSWORD = 'a password for tests';
const REPORT = '/reports/north/2024-12-31';
const COUNT = 13;
const call = promisify(execFile);

const statement = (number) => ({
  actor: { account: { homePage: 'https://lms.example.org', name: `learner-${number}` } },
  verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
  object: { id: 'https://lms.example.org/courses/startup' },
  timestamp: '2024-06-10T09:00:00Z',
});
const FACTS = 'orgnr,role,date\nNO-100000016,lead,2024-01-01\nSE-402000-0008,partner,2024-01-01\n';
const FAULTY = 'orgnr,role,date\nNO-100000016,lead,2024-01-01\nnone,partner,soon\n';

describe('reports in Chromium, without a script', () => {
  let server;
  let browser;
  let pages;
  let files;

  before(async () => {
    files = await mkdtemp(join(tmpdir(), 'varde-reports-'));
    const folder = await makeFolder();
    const on = (...args) => mustRun([...args, '--data', folder]);
    await on('signing-key', 'make');
    server = await Server.start(folder);
    const password = join(files, 'password');
    await writeFile(password, PASSWORD);
    for (const [user, role] of [['ada', 'data-steward'], ['fia', 'funder']]) {
      await on('key', 'create', user, '--role', role, '--space', 'north');
      await on('user', 'create', user, '--key', user, '--password-file', password);
    }
    const all = Array.from({ length: COUNT }, (_, number) => statement(number + 10));
    const posted = await server.post(JSON.stringify(all));
    assert.equal(posted.status, 200);
    await server.results('/api/v1/indicators', posted.headers.get('X-Experience-API-Consistent-Through'));
    await writeFile(join(files, 'partners.csv'), FACTS);
    await writeFile(join(files, 'faulty.csv'), FAULTY);
    await writeFile(join(files, 'list.pdf'), '%PDF-1.7 an attendance list');
    browser = await Chromium.start();
    pages = new Pages(browser, server, await axe());
    await signIn('ada');
    await browser.ask('Emulation.setScriptExecutionDisabled', { value: true });
  });

  after(async () => {
    await browser?.end();
    assert.equal(await server.stop(), 0);
    await removeFolder(server.folder);
    await rm(files, { recursive: true, force: true });
  });

  const signIn = async (user) => {
    await pages.open('/sign-in');
    await browser.submit({ name: user, password: PASSWORD }, 'form[action="/sign-in"] button');
  };
  const says = async (pattern) => assert.match(await browser.text(), pattern);
  /** Puts a file into the field of a form. */
  const choose = async (path) => {
    const { root } = await browser.ask('DOM.getDocument');
    const { nodeId } = await browser.ask('DOM.querySelector', { nodeId: root.nodeId, selector: 'input[type=file]' });
    await browser.ask('DOM.setFileInputFiles', { nodeId, files: [path] });
  };
  /** Saves what a link of the page gives, with the browser's cookie. */
  const saved = async (selector, name) => {
    const href = await browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).getAttribute('href')`);
    const cookies = (await browser.cookies()).map(({ name: of, value }) => `${of}=${value}`).join('; ');
    const answer = await fetch(`http://${server.address}${href}`, { headers: { Cookie: cookies } });
    assert.equal(answer.status, 200, href);
    const path = join(files, name);
    await writeFile(path, Buffer.from(await answer.arrayBuffer()));
    return path;
  };
  const inProject = async (path) => (await server.fetch(`/api/v1/${path}`)).json();

  test('a report is opened, commented, checked, submitted, returned, submitted again and accepted', async () => {
    await pages.open('/reports');
    await says(/1 January 2025/);
    await pages.look('reports');
    await pages.press(`form[action="${REPORT}/open"] button`);
    await says(/The draft is open\./);
    await browser.submit({ text: 'As planned.' }, `form[action="${REPORT}/comment"] button`);
    await says(/The comment is saved\./);
    await pages.look('report-draft');
    await pages.press(`a[href="${REPORT}/check"]`);
    await says(/Nothing stands in the way of submitting\./);
    await pages.look('report-check');
    await pages.works(`form[action="${REPORT}/submit"] button`);
    await says(/The report is submitted and frozen\./);
    await pages.look('work-submitted');
    await pages.press('main a.button');
    await browser.submit({ reason: 'The list is missing.' }, `form[action="${REPORT}/return"] button`);
    await says(/The return is noted/);
    await pages.press(`a[href="${REPORT}/check"]`);
    await pages.works(`form[action="${REPORT}/submit"] button`);
    await pages.press('main a.button');
    await pages.press(`form[action="${REPORT}/accept"] button`);
    await says(/The acceptance is noted\./);
    await pages.look('report-accepted');
    const { reports } = await inProject('reports?project=north');
    assert.deepEqual(reports.map(({ revision, state }) => [revision, state]), [[1, 'returned'], [2, 'accepted']]);
  });

  test('the pack is as varde verify-report and the page say, and one changed byte names its file', async () => {
    await pages.open(REPORT);
    await pages.works(`form[action="${REPORT}/pack"] button`);
    await says(/The pack is as it was signed\./);
    await pages.look('work-pack');
    const zip = await saved('a[href$="/pack.zip"]', 'pack.zip');
    const unpacked = join(files, 'pack');
    await mkdir(unpacked);
    await call('python3', ['-m', 'zipfile', '-e', zip, unpacked]);
    const { code, stdout } = await run(['verify-report', unpacked]);
    assert.equal(code, 0, stdout);
    const fingerprint = stdout.match(/it says ([0-9a-f]{64})/)[1];

    await pages.open('/reports/verify');
    await choose(zip);
    await browser.submit({ fingerprint }, 'form[action="/reports/verify"] button');
    await says(/The pack is as it was signed\./);
    await says(/It is the key that you expected\./);
    assert.ok((await browser.text()).includes(fingerprint));

    // One byte of one file, packed again as anybody could.
    const annex = join(unpacked, 'sv', 'annex.html');
    const bytes = await readFile(annex);
    bytes[100] ^= 1;
    await writeFile(annex, bytes);
    const changed = join(files, 'changed.zip');
    const names = ['report.json', 'signer.pem', 'manifest.json', 'manifest.json.sig', 'csv', 'nb', 'sv', 'en'];
    await call('python3', ['-m', 'zipfile', '-c', changed, ...names], { cwd: unpacked });
    assert.notEqual((await run(['verify-report', unpacked])).code, 0);
    await pages.open('/reports/verify');
    await choose(changed);
    await pages.press('form[action="/reports/verify"] button');
    await says(/The pack is not as it was signed\./);
    await pages.look('verify-changed');
    const wrong = await browser.evaluate(
      "[...document.querySelectorAll('tbody tr')].filter((row) => row.querySelector('strong.wrong'))"
      + ".map((row) => row.querySelector('th').textContent)",
    );
    assert.ok(wrong.includes('sv/annex.html'), `${wrong}`);
    assert.ok(!wrong.includes('nb/annex.html'), `${wrong}`);
  });

  test('evidence is uploaded and linked', async () => {
    await pages.open('/reports/north/evidence');
    await choose(join(files, 'list.pdf'));
    await browser.submit({ title: 'Attendance list' }, 'form[enctype] button');
    await says(/The file is kept\./);
    await pages.press('form[action$="/link"] button');
    await says(/The file is linked to the report\./);
    await pages.look('evidence');
  });

  test('a file is tried, and imported once it is right', async () => {
    await pages.open('/imports');
    await choose(join(files, 'faulty.csv'));
    await pages.works('form[enctype] button');
    await says(/it cannot be imported/);
    await pages.look('import-faults');
    const csv = await readFile(await saved('a[href$="/faults.csv"]', 'faults.csv'), 'utf8');
    assert.match(csv, /faulty\.csv,,3,orgnr,/);
    await pages.open('/imports');
    await choose(join(files, 'partners.csv'));
    await pages.works('form[enctype] button');
    await says(/Nothing was changed\./);
    await pages.look('import-tried');
    const before = (await server.everything()).length;
    await pages.works('form[action^="/imports/"] button');
    await says(/The file is imported\./);
    assert.equal((await server.everything()).length, before + 2);
  });

  test('tables are shown before they are published, and a funder reads them', async () => {
    await pages.open('/published/north/new');
    await browser.ask('Emulation.setScriptExecutionDisabled', { value: false });
    await browser.evaluate('document.querySelector(\'input[value="RCO85.gender"]\').checked = true');
    await pages.look('publish');
    await pages.press('button[value="preview"]');
    await says(new RegExp(`What would be published[\\s\\S]*${COUNT} participations`));
    await pages.look('publish-preview');
    await pages.press('button[value="publish"]');
    await says(/Everybody may read it now\./);
    await pages.open('/account');
    await pages.press('form[action="/sign-out"] button');
    await signIn('fia');
    assert.equal(await pages.path(), '/published', "a funder's home");
    await says(new RegExp(`${COUNT} participations`));
    assert.ok(!(await browser.text()).includes('Publish '));
    await pages.look('published');
    await pages.press('a[href="/published/north/1"]');
    await says(/The same tables come out/);
    await pages.look('release-check');
    await pages.open('/account');
    await pages.press('form[action="/sign-out"] button');
    await signIn('ada');
  });

  test('the keyboard alone opens, checks and packs', async () => {
    await pages.width(1440);
    await pages.open('/reports');
    await pages.tabTo(`a[href="${REPORT}"]`);
    await pages.enter();
    assert.equal(await pages.path(), REPORT);
    await pages.tabTo(`form[action="${REPORT}/pack"] button`);
    await pages.enter();
    assert.match(await pages.path(), /^\/works\//);
  });

  for (const language of LANGUAGES) {
    for (const pixels of WIDTHS) {
      test(`nothing keeps anybody out: ${language}, ${pixels} pixels`, async () => {
        await pages.width(pixels);
        await pages.speak(language);
        await pages.open('/reports');
        const work = await browser.evaluate(
          "[...document.querySelectorAll('a[href^=\"/works/\"]')].map((link) => link.getAttribute('href'))",
        );
        assert.ok(work.length > 3, 'works are found again');
        const named = [
          '/reports', REPORT, `${REPORT}?revision=1`, `${REPORT}/check`, '/reports/verify', '/reports/north/evidence',
          '/reports/north/balances', '/imports', '/published', '/published/north/1', '/published/north/new',
        ];
        for (const page of [...named, ...work]) {
          await pages.open(page);
          assert.equal(await browser.evaluate('document.documentElement.lang'), language, page);
          await pages.check(page, `${page.replace(/^\/works.*/, '/works')} ${language} ${pixels}`);
        }
      });
    }
  }
});
