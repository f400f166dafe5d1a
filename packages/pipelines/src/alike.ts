import { basename } from 'node:path';
import {
  exposureTimeSeconds,
  headerText,
  type ImageInfo,
  readImageInfo,
  sameDetector,
} from '@iris-drs/datamodels';
import { PipelineError } from './errors.ts';

/** Exposure times closer than this share of one another are equal: headers round them. */
const TIME_TOLERANCE = 1e-3;

type Same = (a: string, b: string) => boolean;
const sameText: Same = (a, b) => a.toUpperCase() === b.toUpperCase();

const KEYWORDS: Readonly<Record<string, Same>> = {
  INSTRUME: sameText,
  DETECTOR: sameDetector,
  FILTER: sameText,
};

/** A file and what it says of its frame. */
export interface FrameFile {
  readonly path: string;
  readonly info: ImageInfo;
}

export const frameFile = async (path: string): Promise<FrameFile> => ({
  path,
  info: await readImageInfo(path),
});

/**
 * Looks whether two frames can be reduced together: shape, and keywords that both have.
 * @throws PipelineError FRAMES_UNLIKE
 */
export const requireAlike = (a: FrameFile, b: FrameFile, keywords: readonly string[]): void => {
  const unlike = (found: string, expected: string): PipelineError =>
    new PipelineError(
      'FRAMES_UNLIKE',
      `${basename(b.path)} has ${found} and ${basename(a.path)} ${expected}; they cannot be reduced together. Leave one out.`,
    );
  if (a.info.shape.join() !== b.info.shape.join())
    throw unlike(`[${b.info.shape.join(', ')}] pixels`, `[${a.info.shape.join(', ')}]`);
  for (const keyword of keywords) {
    const [x, y] = [a, b].map(({ info }) => headerText(info.headers, keyword));
    if (x !== undefined && y !== undefined && !KEYWORDS[keyword]!(x, y))
      throw unlike(`${keyword} '${y}'`, `'${x}'`);
  }
};

/** The exposure times of two frames where both have one and they differ, seconds. */
export const unequalTimes = (a: FrameFile, b: FrameFile): readonly [a: number, b: number] | undefined => {
  const [x, y] = [exposureTimeSeconds(a.info.headers), exposureTimeSeconds(b.info.headers)];
  if (x === undefined || y === undefined || Math.abs(x - y) <= TIME_TOLERANCE * Math.max(x, y))
    return undefined;
  return [x, y];
};
