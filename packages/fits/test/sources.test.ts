import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressImage, httpSource, openFits, readImage } from '../src/index.ts';
import { inflateInBrowser } from '../src/inflate.ts';
import { openFile, writeFile } from '../src/node.ts';
import { temporaryDirectory } from './oracle.ts';
import { concat, headerBlock, memory, random } from './support.ts';

const directory = temporaryDirectory();
const path = join(directory, 'a.fits');
const next = random(2);
const data = Int16Array.from({ length: 200 * 300 }, () => next() * 100);
const image = { kind: 'image', name: 'SCI', shape: [200, 300], data } as const;
writeFile(path, [{ kind: 'image', shape: [] }, image, compressImage({ ...image, name: 'PACKED' })]);
const bytes = readFileSync(path);

describe('what is no file', () => {
  it('is told at once: a directory, a pipe', async () => {
    mkdirSync(`${path}.d`);
    execFileSync('mkfifo', [`${path}.p`]);
    await expect(openFile(`${path}.d`)).rejects.toThrow('found a directory, expected a file');
    await expect(openFile(`${path}.p`)).rejects.toThrow('found a pipe or a device, expected a file');
  });
});

describe('a gzip’ed file', () => {
  it('is read as the file it holds', async () => {
    writeFileSync(`${path}.gz`, gzipSync(bytes));
    using fits = await openFile(`${path}.gz`);
    expect(fits.hdus.map((h) => h.name)).toEqual(['PRIMARY', 'SCI', 'PACKED']);
    expect((await readImage(fits, fits.hdu('SCI'))).data).toEqual(data);
    expect((await readImage(fits, fits.hdu('PACKED'))).data).toEqual(data);
  });

  it('is read where there is no end padding, and what follows the last HDU does not matter', async () => {
    const short = concat(
      headerBlock(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 3']),
      Uint8Array.of(1, 2, 3),
    );
    for (const tail of [new Uint8Array(), new Uint8Array(9999)]) {
      const fits = await openFits(memory(gzipSync(concat(short, tail))));
      expect((await readImage(fits, fits.hdu(0))).data).toEqual(Uint8Array.of(1, 2, 3));
    }
  });

  it.each<[string, Uint8Array, string]>([
    ['cut short', gzipSync(bytes).subarray(0, 9000), 'COMPRESSED_DATA'],
    ['damaged', gzipSync(bytes).fill(0, 100, 5000), 'COMPRESSED_DATA'],
    ['of nothing', gzipSync(''), 'NOT_FITS'],
    ['of something else', gzipSync('hello'.repeat(2000)), 'NOT_FITS'],
    ['that is only magic', Uint8Array.of(0x1f, 0x8b), 'COMPRESSED_DATA'],
    ['of a file cut short', gzipSync(bytes.subarray(0, 2880 * 4)), 'DATA_TRUNCATED'],
  ])('%s is refused', async (_, packed, code) => {
    await expect(openFits(memory(packed), 'x.gz')).rejects.toMatchObject({ code, file: 'x.gz' });
  });

  it('that is a bomb goes off no further than its headers, or maxBytes', async () => {
    let taken = 0;
    const bomb = (header: string[]) => {
      const packed = gzipSync(concat(headerBlock(header), new Uint8Array(200 << 20)), { level: 1 });
      const slice = (a: number, b: number) => {
        taken = b;
        return packed.subarray(a, b);
      };
      return { byteLength: packed.length, slice };
    };
    const small = bomb(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 0']);
    const fits = await openFits(small);
    expect(fits.source.byteLength).toBeLessThan(2 << 20);
    expect(taken).toBeLessThanOrEqual(1 << 19);
    const large = bomb(['SIMPLE  = T', 'BITPIX  = 8', 'NAXIS   = 1', 'NAXIS1  = 999999999']);
    await expect(openFits(large, 'x', { maxBytes: 1 << 20 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});

it('a browser inflates as Node does', async () => {
  const plain = bytes.subarray(0, 5000);
  expect(await inflateInBrowser(gzipSync(plain), 5000)).toEqual(new Uint8Array(plain));
  expect(await inflateInBrowser(gzipSync(plain), 4999)).toBeUndefined();
  expect(await inflateInBrowser(gzipSync(plain), 5001)).toBeUndefined();
  expect(await inflateInBrowser(plain, 5000)).toBeUndefined();
});

describe('a file on a web server', () => {
  let server: Server;
  let url = '';
  let sent = 0;
  let served: Uint8Array = bytes;
  let ranges = true;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (!ranges || from === undefined) {
        response.writeHead(request.url === '/a.fits' ? 200 : 404).end(served);
        return;
      }
      const part = served.subarray(Number(from), Number(to) + 1);
      sent += part.length;
      const last = Number(from) + part.length - 1;
      response.writeHead(206, { 'Content-Range': `bytes ${from}-${last}/${served.length}` }).end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.fits`;
  });
  afterAll(() => server.close());

  it('is read by ranges: headers, and of the pixels what is asked for', async () => {
    const fits = await openFits(await httpSource(url), url);
    expect(fits.hdus.map((h) => h.name)).toEqual(['PRIMARY', 'SCI', 'PACKED']);
    for (const name of ['SCI', 'PACKED']) {
      sent = 0;
      const { data: rows } = await readImage(fits, fits.hdu(name), { rows: [100, 102] });
      expect(rows).toEqual(data.subarray(100 * 300, 102 * 300));
      expect(sent).toBeLessThanOrEqual(2 * 300 * 2);
    }
    expect((await readImage(fits, fits.hdu('PACKED'))).data).toEqual(data);
  });

  it('that does not answer ranges, or changes, is refused', async () => {
    const source = await httpSource(url);
    served = bytes.subarray(0, 5000);
    await expect(async () => source.slice(0, 100)).rejects.toMatchObject({ code: 'HTTP' });
    served = bytes;
    ranges = false;
    await expect(httpSource(url)).rejects.toMatchObject({ code: 'HTTP', file: url });
    await expect(httpSource(`${url}x`)).rejects.toThrow('404');
  });
});
