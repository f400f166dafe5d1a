import { basename } from 'node:path';
import type { Volume } from '@iris-drs/bus';
import { utDate } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { PipelineError } from '@iris-drs/pipelines';
import { SCHEMA_VERSION, Task } from '@iris-drs/proto';
import { detectorNamed } from '@iris-drs/tmt';

/** What of a frame decides who reduces it and where the product goes. */
export interface FrameFacts {
  readonly detector: string;
  readonly mode: string;
  readonly utDate: string;
  /** Names of its HDUs. */
  readonly hdus: readonly string[];
}

const text = (header: Header, keyword: string): string => {
  const value = header.get(keyword);
  return typeof value === 'string' ? value.trim() : '';
};

/** Reads the headers of a frame. @throws FitsError; PipelineError INPUT_MISSING */
export const factsOf = async (path: string): Promise<FrameFacts> => {
  const fits = await openFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new PipelineError('INPUT_MISSING', `Input file ${path} not found.`);
  });
  using _held = fits;
  const headers = fits.hdus.map(({ header }) => header);
  const first = (keyword: string): string => headers.map((one) => text(one, keyword)).find(Boolean) ?? '';
  const named = detectorNamed(first('DETECTOR'));
  const observed = first('DATE-OBS') || first('DATE-BEG');
  const mode = named?.detector === 'IFS' ? (named.mode ?? 'lenslet') : 'imager';
  return {
    detector: named?.detector ?? 'IMG1',
    mode,
    utDate: utDate(/^\d{4}-\d\d-\d\d/.test(observed) ? observed : new Date()),
    hdus: fits.hdus.map(({ name }) => name),
  };
};

/** Names that no product of the night has, so that a run by hand never takes the place of one. */
export const runNames = (): ((name: string) => string) => {
  const stamp = new Date().toISOString().replace(/\D/g, '');
  let count = 0;
  return (name) => `run${stamp}${process.pid % 1000}n${count++}-${name.replace(/[^A-Za-z0-9_.-]/g, '_')}`;
};

/** What a product of a file is called after. */
export const stemOf = (file: string): string => basename(file).replace(/\.fits.*$/i, '');

/** A file as services see it. @throws BusError VOLUME_OUTSIDE, VOLUME_MISSING */
export const onVolume = (volume: Volume | undefined, path: string): string =>
  volume === undefined ? path : volume.toRelative(volume.existing(path));

export interface TaskInput {
  /** As services see it. */
  readonly path: string;
  readonly exptype: string;
}

/**
 * One piece of work for one stage, by hand.
 *
 * @param keywords  what the product's header is to say besides
 */
export const taskByHand = (
  stage: string,
  exposureId: string,
  { detector, mode, utDate: night }: FrameFacts,
  inputs: readonly TaskInput[],
  options: Readonly<Record<string, string>>,
  keywords: Readonly<Record<string, string>> = {},
): Task =>
  Task.fromPartial({
    ...{ schemaVersion: SCHEMA_VERSION, stage, mode, detector, exposureId, role: 'science' },
    ...{ utDate: night, version: 1, options },
    keywords: Object.entries(keywords).map(([name, value]) => ({ name, value: { $case: 'text', value } })),
    inputs: inputs.map(({ path, exptype }) => ({
      frame: { path, size: 0, shape: [], dtype: '', datasum: '' },
      ...{ exptype, exposureId: stemOf(path), extver: 0 },
    })),
  });
