/** What the header of a ramp says about the detector and the sampling. */
import type { Header } from '@iris-drs/fits';
import { number, text } from '../headers.ts';
import type { Sampling } from './model.ts';

/**
 * SAMPMODE, READMODE or READPATT: CDS, MCDS or MDS, UTR; a number may follow (`MCDS 4`). Without it NUMREADS
 * gives the reads averaged at each end, when they are no more than half of the ramp.
 */
export function samplingOf(headers: readonly Header[], nreads: number): Sampling | undefined {
  for (const keyword of ['SAMPMODE', 'READMODE', 'READPATT']) {
    const match = /^(CDS|MCDS|MDS|UTR)[ _-]*(\d+)?$/i.exec(text(headers, keyword) ?? '');
    if (match === null) continue;
    const name = match[1]!.toUpperCase();
    if (name === 'CDS') return { method: 'cds' };
    if (name === 'UTR') return { method: 'utr' };
    const reads = match[2] ? Number(match[2]) : number(headers, 'NUMREADS');
    return reads && reads >= 1 && 2 * reads <= nreads ? { method: 'mcds', reads } : { method: 'mcds' };
  }
  return undefined;
}

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

/** GAIN (e-/DN), else EGAIN. */
export const gainOf = (headers: readonly Header[]): number | undefined =>
  positive(number(headers, 'GAIN', 'EGAIN'));

/** READNOIS (IRIS), else RDNOISE: noise of a single read, electrons. */
export const readNoiseOf = (headers: readonly Header[]): number | undefined =>
  positive(number(headers, 'READNOIS', 'RDNOISE'));
