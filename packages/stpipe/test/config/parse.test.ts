import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { ConfigError, configToJson } from '../../src/index.ts';
import { GOLDEN_FILE, golden } from './golden.ts';

/** What became of a text, in the terms of the golden file. */
const outcome = (text: string): Record<string, unknown> => {
  try {
    return { text, ok: JSON.parse(configToJson(interpolate(parseConfig(text).root))) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { text, error: error.code, message: error.message };
  }
};

const errorOf = (text: string): ConfigError => {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`no error in ${text}`);
};

describe('ConfigObj text', () => {
  it('means what it means to ConfigObj: values, errors and their messages', () => {
    expect(golden.parse.length).toBeGreaterThan(500);
    expect(golden.parse.map(({ text }) => outcome(text))).toEqual(
      golden.parse.map(({ all, ...expected }) => expected),
    );
  });

  it('tells all errors of a text with their lines', () => {
    const several = golden.parse.filter(({ all }) => all !== undefined);
    expect(several.map(({ text }) => errorOf(text).errors.map(({ message }) => message))).toEqual(
      several.map(({ all }) => all),
    );
  });

  it('names the first line in the error of several, and keeps each with its own line', () => {
    const error = errorOf('a = 1\nnonsense\na = 2\n[[deep]]\nb = "x');
    expect(error.message).toBe('Parsing failed with several errors.\nFirst error at line 2.');
    expect(error.errors.map(({ code, line }) => [code, line])).toEqual([
      ['ParseError', 2],
      ['DuplicateError', 3],
      ['NestingError', 4],
      ['ParseError', 5],
    ]);
  });

  it('comes from the ConfigObj that is installed', () => {
    const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
    const directory = mkdtempSync(join(tmpdir(), 'configobj-'));
    const output = join(directory, 'configobj.json');
    const script = fileURLToPath(new URL('golden/make.py', import.meta.url));
    const run = spawnSync(python, [script, '400', output], { encoding: 'utf8' });
    const made = run.status === 0 ? (JSON.parse(readFileSync(output, 'utf8')) as typeof golden) : undefined;
    rmSync(directory, { recursive: true });
    if (made?.configobj !== golden.configobj) {
      if (process.env.DRS_REQUIRE_ORACLES === '1' && !made) throw new Error(`No ConfigObj: ${run.stderr}`);
      console.warn(`ConfigObj ${golden.configobj} is not there: golden cases were not made anew.`);
      return;
    }
    expect(made).toEqual(JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')));
  });

  it('takes as long as it is long, whatever it holds', () => {
    const n = 200_000;
    const texts = [
      `k = ${'"",'.repeat(n)}"`,
      `k = ${'"'.repeat(n)}'`,
      `k = ${"a' ,".repeat(n)}#"`,
      `k = "${'a'.repeat(n)}${' '.repeat(n)},`,
      `k = ${'a'.repeat(n)}${' '.repeat(n)}#`,
      `k = ${'" ,'.repeat(n)}${' '.repeat(n)}"x`,
      `k = ${' ,'.repeat(n)}`,
      `k${' '.repeat(n)}x`,
      `${' '.repeat(n)}"`,
      '['.repeat(n),
      `[a${' ]x'.repeat(n)}`,
      `["${'"]x'.repeat(n)}`,
      '" '.repeat(n),
      `k = '''${"''' x ".repeat(n)}`,
      'k = \'\'\'\nj = """\n'.repeat(n / 4),
    ];
    for (const text of texts) {
      try {
        parseConfig(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }
  });

  it('nests no deeper than functions can follow', () => {
    const text = Array.from(
      { length: 1000 },
      (_, depth) => `${'['.repeat(depth + 1)}s${']'.repeat(depth + 1)}`,
    );
    expect(errorOf(text.join('\n')).errors[0]?.message).toBe('Section too nested at line 201.');
  });
});
