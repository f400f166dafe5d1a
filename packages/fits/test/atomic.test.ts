import { spawnSync } from 'node:child_process';
import { ftruncateSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAtomically, writeFile } from '../src/node.ts';
import { temporaryDirectory } from './oracle.ts';

const directory = temporaryDirectory();

describe('writing atomically', () => {
  it('shows the old file until the new one is whole', async () => {
    const path = join(directory, 'a.fits');
    writeFileSync(path, 'old');
    const result = await writeAtomically(
      path,
      async (fd, partial) => {
        writeSync(fd, 'new');
        expect(readFileSync(path, 'utf8')).toBe('old');
        expect(readFileSync(partial, 'utf8')).toBe('new');
        expect(partial).toMatch(/\/\.a\.fits\.[0-9a-f]+\.part$/);
        return 7;
      },
      { mode: 0o640 },
    );
    expect(result).toBe(7);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory)).toEqual(['a.fits']);
  });

  it('leaves nothing behind when the writer fails', async () => {
    const path = join(directory, 'a.fits');
    await expect(
      writeAtomically(path, () => {
        throw new Error('disk on fire');
      }),
    ).rejects.toThrow('disk on fire');
    expect(() => writeFile(path, [{ kind: 'image', shape: [3], dtype: 'int16' }])).toThrow('0 bytes of data');
    expect(readdirSync(directory)).toEqual(['a.fits']);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('names the file that the system will not write', async () => {
    const path = join(directory, 'a.fits');
    const error = { code: 'EFBIG', path, message: expect.stringContaining(`'${path}'`) };
    await expect(writeAtomically(path, (fd) => ftruncateSync(fd, 2 ** 52))).rejects.toMatchObject(error);
    expect(readdirSync(directory)).toEqual(['a.fits']);
  });

  it('leaves nothing behind when the process ends meanwhile', () => {
    const atomic = new URL('../src/atomic.ts', import.meta.url);
    const path = join(directory, 'c.fits');
    const program = `
      import { writeAtomically } from '${atomic}';
      process.once('SIGTERM', () => process.exit(1));
      const forever = () => new Promise(() => setInterval(() => process.kill(process.pid, 'SIGTERM'), 10));
      await writeAtomically(process.argv[1], forever);`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, path]);
    expect([status, String(stderr)]).toEqual([1, '']);
    expect(readdirSync(directory)).toEqual(['a.fits']);
  });

  it('leaves nothing behind when the file cannot be put in place', async () => {
    await expect(writeAtomically(join(directory, '.'), () => 1)).rejects.toThrow();
    expect(readdirSync(directory)).toEqual(['a.fits']);
  });

  it('serves many writers of one name', async () => {
    const path = join(directory, 'b.fits');
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        writeAtomically(path, async (fd) => {
          writeSync(fd, `${i % 10}`.repeat(1000));
          await new Promise((resolve) => setImmediate(resolve));
        }),
      ),
    );
    expect(readFileSync(path, 'utf8')).toMatch(/^(\d)\1{999}$/);
  });
});
