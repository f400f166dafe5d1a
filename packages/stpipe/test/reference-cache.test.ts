import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createReferenceCache } from '../src/reference-cache.ts';

const directory = mkdtempSync(join(tmpdir(), 'drs-cache-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Opened {
  readonly name: string;
  closed: number;
  close(): void;
}
let opened: Opened[] = [];
beforeEach(() => {
  opened = [];
});

const file = (name: string): string => {
  writeFileSync(join(directory, name), name);
  return join(directory, name);
};
const open = async (path: string): Promise<Opened> => {
  const reference = {
    name: path,
    closed: 0,
    close() {
      reference.closed += 1;
    },
  };
  opened.push(reference);
  return reference;
};
const state = (): number[] => opened.map(({ closed }) => closed);

describe('a reference cache', () => {
  it('opens a file once for users one after the other and at the same time', async () => {
    const cache = createReferenceCache(2);
    const path = file('a');
    const [first, second] = await Promise.all([cache.lease(path, open), cache.lease(path, open)]);
    expect(first.value).toBe(second.value);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    using third = await cache.lease(path, open);
    expect(third.value).toBe(first.value);
    expect(state()).toEqual([0]);
  });

  it('opens a file again for another frame', async () => {
    const cache = createReferenceCache(4);
    const path = file('a');
    using full = await cache.lease(path, open, 'full');
    using part = await cache.lease(path, open, 'subarray');
    expect(full.value).not.toBe(part.value);
  });

  it('closes the least recently used beyond its capacity, and never one in use', async () => {
    const cache = createReferenceCache(2);
    const lease = async (name: string) => cache.lease(file(name), open);
    const a = await lease('a');
    (await lease('b'))[Symbol.dispose]();
    (await lease('c'))[Symbol.dispose]();
    await Promise.resolve();
    expect(state()).toEqual([0, 1, 0]);
    const d = await lease('d');
    const e = await lease('e');
    expect(state()).toEqual([0, 1, 1, 0, 0]);
    // Three in use with room for two: the first one given back goes.
    a[Symbol.dispose]();
    await Promise.resolve();
    expect(state()).toEqual([1, 1, 1, 0, 0]);
    a[Symbol.dispose]();
    d[Symbol.dispose]();
    e[Symbol.dispose]();
    await Promise.resolve();
    expect(state()).toEqual([1, 1, 1, 0, 0]);
  });

  it('reads a file again that has changed on disk, and closes the old one when its user is done', async () => {
    const cache = createReferenceCache(4);
    const path = file('a');
    const old = await cache.lease(path, open);
    writeFileSync(path, 'longer than before');
    utimesSync(path, 1, 1);
    using fresh = await cache.lease(path, open);
    expect(fresh.value).not.toBe(old.value);
    expect(state()).toEqual([0, 0]);
    old[Symbol.dispose]();
    await Promise.resolve();
    expect(state()).toEqual([1, 0]);
  });

  it('forgets a file that could not be opened', async () => {
    const cache = createReferenceCache(4);
    const path = file('a');
    await expect(cache.lease(path, () => Promise.reject(new Error('no FITS')))).rejects.toThrow('no FITS');
    using second = await cache.lease(path, open);
    expect(second.value.name).toBe(path);
    await expect(cache.lease(join(directory, 'absent'), open)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('gives back what nobody uses when memory is short', async () => {
    const cache = createReferenceCache(8);
    (await cache.lease(file('a'), open))[Symbol.dispose]();
    using kept = await cache.lease(file('b'), open);
    await cache.trim();
    expect(state()).toEqual([1, 0]);
    expect(kept.value.closed).toBe(0);
  });

  it('closes everything once at the end', async () => {
    const cache = createReferenceCache(8);
    const lease = await cache.lease(file('a'), open);
    (await cache.lease(file('b'), open))[Symbol.dispose]();
    cache.close();
    await Promise.resolve();
    lease[Symbol.dispose]();
    await Promise.resolve();
    expect(state()).toEqual([1, 1]);
  });
});
