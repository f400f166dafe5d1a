import type { Fits } from '../open.ts';
import type { Hdu } from '../scan.ts';
import { ignoring } from './compare.ts';
import { diffHeaders } from './header.ts';
import { type DataOptions, diffBytes, diffImages, type Side } from './image.ts';
import type { DiffOptions, FitsDiff, HduDiff, Pair } from './result.ts';
import { diffTables } from './table.ts';

type Source = Pick<Fits, 'source' | 'name' | 'hdus'>;

/**
 * In what do two files differ? HDUs are compared in their order, headers keyword by keyword, images by physical
 * pixel, tables by column and cell. The rules are those of astropy's fitsdiff, except that NaN differs from
 * infinity, that ignored cards do not count, and that compressed images are compared by the cards they are stored with.
 *
 * @throws FitsError as `readImage` and `readTable` for data that cannot be decoded
 */
export async function diffFits(a: Source, b: Source, options: DiffOptions = {}): Promise<FitsDiff> {
  const ignoresHdu = ignoring(options.ignoreHdus);
  const [left, right] = [a, b].map(({ hdus }) => hdus.filter((hdu) => !ignoresHdu(hdu.name))) as [
    Hdu[],
    Hdu[],
  ];
  const rules: Rules = {
    keywords: ignoring(options.ignoreKeywords),
    comments: ignoring(options.ignoreComments),
    columns: ignoring(options.ignoreColumns),
    rtol: options.rtol ?? 0,
    atol: options.atol ?? 0,
    most: options.maxDifferences ?? 10,
  };
  const hdus: HduDiff[] = [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [hduA, hduB] = [left[i] as Hdu, right[i] as Hdu];
    const diff = await diffHdus({ fits: a, hdu: hduA }, { fits: b, hdu: hduB }, rules);
    if (Object.keys(diff).length > 0) hdus.push({ index: hduA.index, name: hduA.name, ...diff });
  }
  const counts: Pair<number> = [left.length, right.length];
  const sameCount = counts[0] === counts[1];
  return { identical: sameCount && hdus.length === 0, ...(!sameCount && { hduCount: counts }), hdus };
}

interface Rules extends DataOptions {
  readonly keywords: (name: string) => boolean;
  readonly comments: (name: string) => boolean;
  readonly columns: (name: string) => boolean;
}

async function diffHdus(a: Side, b: Side, rules: Rules): Promise<Omit<HduDiff, 'index' | 'name'>> {
  const header = diffHeaders(a.hdu.header, b.hdu.header, rules);
  const data = await diffData(a, b, rules);
  const names = pair(a.hdu.name, b.hdu.name);
  const versions = pair(a.hdu.version, b.hdu.version);
  const levels = pair(levelOf(a.hdu), levelOf(b.hdu));
  const kinds = pair(a.hdu.kind as string, b.hdu.kind as string);
  return {
    ...(names && { names }),
    ...(versions && { versions }),
    ...(levels && { levels }),
    ...(kinds && { kinds }),
    ...(header && { header }),
    ...(data && { data }),
  };
}

const pair = <T>(a: T, b: T): Pair<T> | undefined => (a === b ? undefined : [a, b]);

function levelOf({ header }: Hdu): number {
  const value = header.cards.find((card) => card.keyword === 'EXTLEVEL')?.value;
  return typeof value === 'number' ? value : 1;
}

async function diffData(a: Side, b: Side, rules: Rules): Promise<HduDiff['data']> {
  if (a.hdu.dataBytes === 0 && b.hdu.dataBytes === 0 && !isTable(a.hdu)) return undefined;
  if (isImage(a.hdu) && isImage(b.hdu)) return diffImages(a, b, rules);
  if (isTable(a.hdu) && isTable(b.hdu)) return diffTables(a, b, rules);
  return a.hdu.kind === b.hdu.kind ? diffBytes(a, b, rules) : undefined;
}

const isImage = ({ kind, header }: Hdu): boolean =>
  kind === 'image' || kind === 'groups' || (kind === 'compressed' && header.has('ZIMAGE'));
const isTable = ({ kind }: Hdu): boolean => kind === 'bintable' || kind === 'table';
