import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type LogSettings, runOutput } from '../src/commands/run/log.ts';
import { testDirectory } from './drs.ts';

const directory = testDirectory();
beforeEach(() => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
});

const NONE = { verbose: false, level: undefined, file: undefined, stream: undefined, config: undefined };
const settings = (given: Partial<LogSettings> = {}): LogSettings => ({
  ...NONE,
  ...{ cwd: directory, home: directory },
  ...given,
});
const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
const TO_FILE = '[*]\nhandler = file:found.log\nformat = %(message)s\n';

const say = (given: Partial<LogSettings>, ...lines: string[]): void => {
  const output = runOutput(settings(given));
  for (const line of lines) output.log('stpipe.rop.jump', 'INFO', line);
  output.end();
};

describe('a log configuration', () => {
  it('begins a file: anew and adds to an append:, each rule to what is its business', () => {
    const other =
      '[other]\nhandler = file:other.log\n[*.jump]\nhandler = append:more.log\nformat = %(name)s\n';
    write('my.cfg', TO_FILE + other);
    say({ config: 'my.cfg' }, 'one', 'two');
    say({ config: 'my.cfg' }, 'three');
    expect([read('found.log'), read('more.log')]).toEqual(['three\n', 'stpipe.rop.jump\n'.repeat(3)]);
    expect(readdirSync(directory)).not.toContain('other.log');
  });

  it('is the first that lies where stpipe looks', () => {
    write('stpipe-log.cfg', TO_FILE);
    say({ home: '/nowhere' }, 'here');
    expect(read('found.log')).toBe('here\n');
    renameSync(join(directory, 'stpipe-log.cfg'), join(directory, '.stpipe-log.cfg'));
    write('found.log', '');
    expect(() => say({ cwd: '/nowhere' }, 'home')).toThrow('/nowhere/found.log');
  });

  it('is not asked where the command line says something itself', () => {
    write('stpipe-log.cfg', TO_FILE);
    say({ file: 'mine.log', stream: 'null' }, 'line');
    expect(read('mine.log')).toMatch(/^[\d-]{10} [\d:]{8},\d{3} - stpipe.rop.jump - INFO - line\n$/);
    expect(readdirSync(directory)).not.toContain('found.log');
  });

  it.each([
    [{ config: 'gone.cfg' }, 'gone.cfg not found'],
    [{ config: 'wrong.cfg' }, "wrong.cfg: Config parameter '*/handler': can't parse handler 'syslog'"],
    [{ level: 'LOUD' }, '--log-level LOUD'],
    [{ stream: 'paper' }, '--log-stream paper'],
  ])('of %j is refused', (given, message) => {
    write('wrong.cfg', '[*]\nhandler = syslog\n');
    expect(() => runOutput(settings(given))).toThrow(message);
  });
});
