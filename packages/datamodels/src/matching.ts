/** The keywords by which frames are put together: skies with science, dithers with each other. */
import type { Header } from '@iris-drs/fits';
import { exposureTimeSeconds } from './units.ts';

/** What a frame says of itself; empty text, 0 or undefined where it says nothing. */
export interface MatchKeywords {
  readonly filter: string;
  readonly scale: string;
  readonly exposureTimeSeconds: number;
  readonly exposureStart: Date | undefined;
}

/** First value that a header holds under one of the keywords, as text; empty when none does. */
const textOf = (headers: readonly Header[], ...keywords: readonly string[]): string => {
  for (const keyword of keywords) {
    for (const header of headers) {
      const value = header.get(keyword);
      const text = value === undefined || value === null ? '' : String(value).trim();
      if (text !== '') return text;
    }
  }
  return '';
};

/** Start of the exposure from DATE-OBS (with or without a time) and TIME-OBS, UTC. */
const startOf = (headers: readonly Header[]): Date | undefined => {
  const date = textOf(headers, 'DATE-OBS', 'DATE-BEG');
  if (date === '') return undefined;
  const time = date.includes('T') ? date : `${date}T${textOf(headers, 'TIME-OBS') || '00:00:00'}`;
  const millis = Date.parse(/Z$/.test(time) ? time : `${time}Z`);
  return Number.isNaN(millis) ? undefined : new Date(millis);
};

/** @param headers  primary header first, then that of SCI */
export const matchKeywords = (headers: readonly Header[]): MatchKeywords => ({
  filter: textOf(headers, 'FILTER'),
  scale: textOf(headers, 'SCALE'),
  exposureTimeSeconds: exposureTimeSeconds(headers) ?? 0,
  exposureStart: startOf(headers),
});
