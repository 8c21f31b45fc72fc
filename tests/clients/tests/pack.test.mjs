// The files that are handed in with a report, opened by the programs of those who get them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { mustRun, run } from '../src/binary.mjs';
import { COURSE_ID } from '../src/course.mjs';
import { makeFolder, removeFolder } from '../src/server.mjs';

const CHROMIUM = process.env.VARDE_TEST_CHROMIUM ?? 'chromium';
const LANGUAGES = { nb: 'Indikatorer', sv: 'Indikatorer', en: 'Indicators' };
const PERIOD = '2024-12-31';
/** All sheets as CSV in UTF-8, each cell as it is shown. */
const AS_CSV = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1';

const call = promisify(execFile);

describe('the pack of a report', () => {
  let data;
  let folder;
  let pack;
  let report;

  before(async () => {
    data = await makeFolder();
    folder = await mkdtemp(join(tmpdir(), 'varde-pack-'));
    pack = join(folder, 'pack');
    const on = (...args) => mustRun([...args, '--data', data]);
    await on('key', 'create', 'office', '--space', 'north');
    const statements = [1, 2, 3].map((number) => JSON.stringify({
      id: `5a4d0000-0000-4000-8000-00000000000${number}`,
      actor: { mbox: `mailto:learner-${number}@example.org` },
      verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
      object: { id: COURSE_ID },
      timestamp: `2024-0${number}-02T10:00:00Z`,
    }));
    const file = join(folder, 'statements.ndjson');
    await writeFile(file, `${statements.join('\n')}\n`);
    await on('import', 'statements', file, '--key', 'office');
    await on('signing-key', 'make');
    await on('report', 'open', 'north', PERIOD);
    await on('report', 'comment', 'north', PERIOD, 'RCO85', '=1+1 is no formula, <b>nor</b> is this bold');
    await on('report', 'submit', 'north', PERIOD);
    await on('report', 'pack', 'north', PERIOD, '--output', pack);
    report = JSON.parse(await readFile(join(pack, 'report.json'), 'utf8'));
  });

  after(async () => {
    await removeFolder(data);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('is intact', async () => {
    const { code, stdout } = await run(['verify-report', pack]);
    assert.equal(code, 0);
    assert.match(stdout, /intact, signer unproven/);
  });

  test('is signed as OpenSSL checks it', async () => {
    const file = (name) => join(pack, name);
    const { stdout } = await call('openssl', [
      'pkeyutl', '-verify', '-pubin', '-inkey', file('signer.pem'), '-rawin',
      '-in', file('manifest.json'), '-sigfile', file('manifest.json.sig'),
    ]);
    assert.match(stdout, /Signature Verified Successfully/);
  });

  for (const [language, sheet] of Object.entries(LANGUAGES)) {
    test(`has a workbook in ${language} that LibreOffice opens with the values of the report`, async () => {
      const to = join(folder, language);
      await call('soffice', [
        `-env:UserInstallation=${pathToFileURL(join(folder, 'profile'))}`,
        '--headless', '--convert-to', AS_CSV, '--outdir', to, join(pack, language, 'workbook.xlsx'),
      ]);
      const rows = await readFile(join(to, `workbook-${sheet}.csv`), 'utf8');
      for (const { code, target, figures, manual, reported } of report.indicators) {
        const row = rows.split('\n').find((line) => line.startsWith(`${code},`));
        const { previous, new: fresh, correction, current, total } = figures;
        const rest = [manual.total, reported.total];
        const expected = [target, previous, fresh, correction, current, total, ...rest];
        assert.ok(row.includes(`,${expected.join(',')},`), `${row} has ${expected}`);
      }
      assert.ok(rows.includes('=1+1 is no formula'), 'a text stays a text');
    });

    test(`has an annex in ${language} that names the report's hash on every printed page`, async () => {
      const pdf = join(folder, `${language}.pdf`);
      const annex = pathToFileURL(join(pack, language, 'annex.html')).href;
      await call(CHROMIUM, [
        '--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'chromium')}`,
        '--no-pdf-header-footer', `--print-to-pdf=${pdf}`, annex,
      ]);
      const { stdout } = await call('pdftotext', ['-layout', pdf, '-']);
      const pages = stdout.split('\f').filter((page) => page.trim() !== '');
      const { snapshot } = JSON.parse(await readFile(join(pack, 'manifest.json'), 'utf8'));
      assert.ok(pages.length > 1, 'signatures stand on a page of their own');
      for (const page of pages) assert.ok(page.includes(snapshot), page);
      assert.ok(stdout.includes('<b>nor</b>'), 'markup of a comment is text');
    });
  }
});
