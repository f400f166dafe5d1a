/*
 * Damage that knows where it hurts: keywords that the layout hangs on, pointers into heaps, heads of compressed
 * streams, ends of files.
 */
type Random = () => number;

const NASTY = [
  ...[
    '-1',
    '0',
    '1',
    '2',
    '3',
    '7',
    '8',
    '16',
    '32',
    '64',
    '-32',
    '-64',
    '255',
    '256',
    '999',
    '1000',
    '4096',
  ],
  ...[
    '65535',
    '65536',
    '1048576',
    '2147483647',
    '2147483648',
    '4294967295',
    '4294967296',
    '9007199254740991',
  ],
  ...['-2147483648', '-9223372036854775808', '18446744073709551616', '1E308', '1E-308', '-0.0', '1.5', 'NaN'],
  ...['T', 'F', "''", "'", "'&'", '', '/', '(1,2)', '\xff\xfe', '\0\0\0'],
  ...["'BINTABLE'", "'IMAGE'", "'TABLE'", "'(9999,9999,9999)'", "'(0)'", "'0A'", "'8X'", "'1PB(9)'", "'1QB'"],
  ...["'999999999PE'", "'1PI'", "'0PJ'", "'1QX'", "'99999999M'", "'I4'", "'E9.999'", "'F1.0'", "'D'"],
  ...["'RICE_1'", "'GZIP_1'", "'GZIP_2'", "'PLIO_1'", "'HCOMPRESS_1'", "'NOCOMPRESS'", "'BLOCKSIZE'"],
  ...[
    "'SUBTRACTIVE_DITHER_2'",
    "'NO_DITHER'",
    "'NONE'",
    "'COMPRESSED_DATA'",
    "'UNCOMPRESSED_DATA'",
    "'ZSCALE'",
  ],
] as const;

const KEYWORDS = [
  ...[
    'ZIMAGE',
    'ZBITPIX',
    'ZNAXIS',
    'ZNAXIS1',
    'ZNAXIS2',
    'ZNAXIS3',
    'ZTILE1',
    'ZTILE2',
    'ZCMPTYPE',
    'ZVAL1',
  ],
  ...['ZVAL2', 'ZBLANK', 'ZQUANTIZ', 'ZDITHER0', 'ZSCALE', 'ZZERO', 'THEAP', 'PCOUNT', 'GCOUNT', 'TFIELDS'],
  ...[
    'NAXIS',
    'NAXIS1',
    'NAXIS2',
    'NAXIS3',
    'BITPIX',
    'BSCALE',
    'BZERO',
    'BLANK',
    'GROUPS',
    'TFORM1',
    'TFORM2',
  ],
  ...['TTYPE1', 'TDIM1', 'TNULL1', 'TSCAL1', 'TZERO1', 'TBCOL1', 'TBCOL2', 'EXTNAME', 'CONTINUE', 'END'],
] as const;

/** One file, damaged one to four times. */
export function mutate(seed: Uint8Array, others: readonly Uint8Array[], next: Random): Uint8Array {
  let bytes = Buffer.from(seed);
  for (let times = 1 + Math.floor(next() * 4); times > 0; times--) bytes = damage(bytes, others, next);
  return new Uint8Array(bytes);
}

function damage(
  bytes: Buffer<ArrayBuffer>,
  others: readonly Uint8Array[],
  next: Random,
): Buffer<ArrayBuffer> {
  if (bytes.length === 0) return bytes;
  const int = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)] as T;
  const cards = cardsOf(bytes);
  const how = next();
  if (how < 0.5 && cards.length > 0) {
    const at = pick(cards);
    const old = Number(bytes.toString('latin1', at + 10, at + 30));
    const near = [old + 1, old - 1, 2 * old, -old, Math.floor(old / 2), old * 1000];
    const value = Number.isFinite(old) && next() < 0.4 ? `${pick(near)}` : pick(NASTY);
    if (next() < 0.2) bytes.write(`${pick(KEYWORDS).padEnd(8)}= `, at, 'latin1');
    bytes.write(value.padStart(20).padEnd(70), at + 10, 'latin1');
  } else if (how < 0.55 && cards.length > 0) {
    const at = pick(cards);
    bytes.fill(0x20, at, at + 80);
  } else if (how < 0.62 && cards.length > 0) {
    const from = pick(cards);
    bytes.copy(bytes, pick(cards), from, from + 80);
  } else if (how < 0.85) {
    // A few bytes somewhere, more often in data: pointers, heads of streams, numbers.
    const start = next() < 0.8 && cards.length > 0 ? dataAfter(bytes, pick(cards)) : int(bytes.length);
    const at = Math.min(bytes.length - 1, start + (next() < 0.6 ? int(64) : int(2880)));
    const value = pick([0, 1, 0x7f, 0x80, 0xff, int(256)]);
    bytes.fill(value, at, Math.min(at + pick([1, 1, 1, 2, 4, 8]), bytes.length));
  } else if (how < 0.9) {
    return Buffer.from(bytes.subarray(0, int(bytes.length)));
  } else if (how < 0.95) {
    const other = pick(others);
    const from = 80 * int(other.length / 80);
    bytes.set(other.subarray(from, Math.min(from + 2880, from + bytes.length)).subarray(0, bytes.length), 0);
  } else {
    const at = 2880 * int(bytes.length / 2880 + 1);
    const block = bytes.subarray(at, at + 2880);
    return Buffer.concat([bytes.subarray(0, at), block, bytes.subarray(at)]);
  }
  return bytes;
}

/** Where cards with values begin. */
function cardsOf(bytes: Buffer): number[] {
  const cards: number[] = [];
  for (let at = 0; at + 80 <= bytes.length; at += 80) {
    if (bytes[at + 8] === 0x3d && bytes[at + 9] === 0x20) cards.push(at);
  }
  return cards;
}

/** The first block behind a card that holds no card. */
function dataAfter(bytes: Buffer, card: number): number {
  let at = 2880 * (Math.floor(card / 2880) + 1);
  while (at + 80 <= bytes.length && bytes[at + 8] === 0x3d) at += 2880;
  return at;
}
