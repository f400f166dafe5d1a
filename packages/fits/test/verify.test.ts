import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Verification, verifyFits } from '../src/index.ts';
import { astropyData, fitsverify, temporaryDirectory } from './oracle.ts';
import { memory } from './support.ts';
import { mutants } from './verify-mutants.ts';

type Verdict = 'ok' | 'warning' | 'error';

const verdictOf = ({ errors, warnings }: Verification): Verdict =>
  errors.length > 0 ? 'error' : warnings.length > 0 ? 'warning' : 'ok';

/** One line a file. Where fitsverify dies of a file, those behind it are asked for one by one. */
function verdicts(paths: readonly string[]): Map<string, Verdict | 'died'> {
  const found = new Map<string, Verdict | 'died'>();
  for (let at = 0; at < paths.length; at += 25) {
    const batch = paths.slice(at, at + 25);
    let lines = quiet(batch);
    if (lines.length < batch.length) lines = batch.flatMap((path) => quiet([path])[0] ?? 'died');
    batch.forEach((path, i) => {
      const line = lines[i] ?? 'died';
      const [, warnings, errors] = /(?:(\d+) warnings and )?(\d+) errors$/.exec(line) ?? [];
      const verdict = Number(errors) > 0 ? 'error' : Number(warnings) > 0 ? 'warning' : 'ok';
      found.set(path, line === 'died' ? 'died' : verdict);
    });
  }
  return found;
}

const quiet = (paths: readonly string[]): string[] =>
  spawnSync('fitsverify', ['-q', ...paths], { encoding: 'latin1' })
    .stdout.split('\n')
    .filter((line) => line.startsWith('verification'))
    .map((line) => line.trimEnd());

const directory = temporaryDirectory();

describe("the verdict is fitsverify's", () => {
  it("on astropy's test data", async () => {
    const data = astropyData();
    if (!data || fitsverify('--version') === undefined) return;
    const paths = readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.fits'))
      .map((name) => join(data, name));
    const expected = verdicts(paths);
    // Where fitsverify is wrong, what it says and what we say.
    const exceptions: Record<string, [string, string]> = {
      // cfitsio counts the gap before the heap twice and looks for data behind the end of the file.
      'theap-gap.fits': ['error', 'ok'],
      // PTYPEn, PSCALn and PZEROn have an index up to PCOUNT; fitsverify compares it with GCOUNT. EPOCH is a warning.
      'random_groups.fits': ['error', 'warning'],
    };
    expect(paths.length).toBeGreaterThan(25);
    for (const path of paths) {
      const name = path.slice(data.length + 1);
      const ours = verdictOf(await verifyFits(memory(readFileSync(path))));
      expect([name, expected.get(path), ours]).toEqual([
        name,
        ...(exceptions[name] ?? [expected.get(path), expected.get(path)]),
      ]);
    }
  });

  it('on hundreds of small files with a fault or two', async () => {
    if (fitsverify('--version') === undefined) return;
    const files = [...mutants(3, 900)].map((mutant, i) => ({
      ...mutant,
      path: join(directory, `${i}.fits`),
    }));
    for (const { path, bytes } of files) writeFileSync(path, bytes);
    const expected = verdicts(files.map(({ path }) => path));
    const counts = new Map<string, number>();
    const different: string[] = [];
    for (const { path, bytes, what } of files) {
      const ours = verdictOf(await verifyFits(memory(bytes)));
      const theirs = expected.get(path) ?? 'died';
      counts.set(theirs, (counts.get(theirs) ?? 0) + 1);
      if (ours !== theirs) different.push(`${what.replace(/ +/g, ' ')} | fitsverify ${theirs}, ours ${ours}`);
    }
    expect(Math.min(...['ok', 'warning', 'error'].map((v) => counts.get(v) ?? 0))).toBeGreaterThan(40);
    const unexplained = different.filter((line) => !REASONS.some(([pattern]) => pattern.test(line)));
    expect(unexplained).toEqual([]);
    expect(different.length).toBeLessThan(files.length / 40);
  });
});

/** Why fitsverify's verdict is another one. */
const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /fitsverify died, ours error/,
    'fitsverify dies of malformed complex numbers and of lengths beyond the heap',
  ],
  [/in column \d of (BITPIX|NAXIS) /, 'fitsverify does not look at the names of BITPIX and NAXIS, we do'],
  [
    /with (BSCALE|EXTNAME|EXTVER|EXTEND) .* ours error/,
    'of a keyword that is there twice fitsverify looks at one',
  ],
];
