import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drs, testDirectory } from './drs.ts';

const directory = testDirectory();
const days = (n: number): Date => new Date(Date.now() - n * 24 * 3600 * 1000);

/** A file that was last written some days ago. */
const file = (path: string, age: number): string => {
  const full = join(directory, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, 'x'.repeat(100));
  utimesSync(full, days(age), days(age));
  return full;
};

const gc = (...args: string[]) =>
  drs(['gc', '--data', directory, '--nats', 'nats://127.0.0.1:1', ...args], { NATS_URL: '', DRS_DATA: '' });

describe('gc', () => {
  it('removes unfinished files of writers that are gone for a day, and nothing else', () => {
    const gone = [
      file('20200101/raw/.a_rate.fits.0123456789ab.part', 2),
      file('20200101/reduced/imager/.a_cal.fits.ba9876543210.part', 2),
      // No process has a pid this high.
      file('work/.x.fits.99999999.sync.part', 2),
    ];
    const open = file('20200101/raw/.open.fits.0123456789ab.part', 2);
    const fd = openSync(open, 'r');
    const kept = [
      open,
      file('20200101/raw/.fresh_rate.fits.0123456789ab.part', 0),
      file(`work/.x.fits.${process.pid}.sync.part`, 2),
      file('20200101/raw/a_rate.fits', 400),
      file('20200101/raw/part', 400),
      file('20200101/readouts/a.fits', 400),
      file('elsewhere/.a_rate.fits.0123456789ab.part', 400),
      file('.drs/nats/.a.0123456789ab.part', 400),
      file('outside/.b.0123456789ab.part', 400),
    ];
    symlinkSync(join(directory, 'outside'), join(directory, '20200101/link'));
    try {
      const rehearsed = gc('--dry-run');
      expect(rehearsed.status).toBe(0);
      expect(rehearsed.stdout.match(/^would remove/gm)).toHaveLength(3);
      expect(gone.map((path) => existsSync(path))).toEqual([true, true, true]);
      const { status, stdout, complaints } = gc('--json');
      expect(status).toBe(0);
      const removed = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(removed.map(({ path }) => path).sort()).toEqual(gone.toSorted());
      expect(removed[0]).toMatchObject({ kind: 'leftover', bytes: 100, removed: true });
      // Without a bus nobody can say who needs the reads.
      expect(complaints).toEqual([
        expect.stringMatching(/^drs: reads of ramps stay, as the bus cannot be asked/),
      ]);
      expect(gone.map((path) => existsSync(path))).toEqual([false, false, false]);
      expect(kept.filter((path) => !existsSync(path))).toEqual([]);
    } finally {
      closeSync(fd);
    }
  });

  it('refuses a directory that is none of ours, and wrong usage', () => {
    mkdirSync(join(directory, 'empty'));
    expect(drs(['gc', '--data', join(directory, 'empty')]).status).toBe(1);
    expect(drs(['gc', '--data', join(directory, 'missing')]).status).toBe(3);
    expect(gc('--older-than', 'x').status).toBe(2);
    expect(gc('--older-than', '-1').status).toBe(2);
    expect(gc('extra').status).toBe(2);
  });
});

it('the pid of a writer that lives is respected while it lives', async () => {
  const child = spawn('sleep', ['60']);
  const left = file(`work/.y.fits.${child.pid}.sync.part`, 2);
  gc();
  expect(existsSync(left)).toBe(true);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  gc();
  expect(existsSync(left)).toBe(false);
});

it('a writer that has ended counts as gone, though nobody has taken note of its end', async () => {
  if (process.platform !== 'linux') return;
  // The shell becomes a `sleep` that never asks for the end of the child it had.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text) => resolve(Number(text))),
    );
    const left = file(`work/.z.fits.${pid}.sync.part`, 2);
    await expect
      .poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), { timeout: 10_000 })
      .toMatch(/^\d+ \(sleep\) Z/);
    gc();
    expect(existsSync(left)).toBe(false);
  } finally {
    parent.kill();
  }
});
