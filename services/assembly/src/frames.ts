import { faultOf, type Volume } from '@iris-drs/bus';
import { headerText, listDetectors, utDate } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { detectorNamed, identify, type TelemetrySnapshot } from '@iris-drs/tmt';
import { AssemblyError } from './errors.ts';
import type { ExposureRecord, FrameState, WrittenFile } from './record.ts';

/** What a look at an announced file found. */
export type Look =
  | { readonly found: 'frames'; readonly frames: readonly FrameState[] }
  /** Not visible, or not readable for now: a network volume may show it later. */
  | { readonly found: 'nothing'; readonly error: unknown }
  | { readonly found: 'wrong'; readonly error: unknown };

interface FileContent {
  readonly header: Header;
  readonly entries: readonly { readonly extver: number; readonly detector?: string }[];
}

const read = async (path: string): Promise<FileContent> => {
  using fits = await openFile(path);
  return { header: fits.hdu(0).header, entries: await listDetectors(path) };
};

const nameOf = ({ detector }: { readonly detector?: string }) =>
  detector === undefined ? undefined : detectorNamed(detector);

/**
 * The frames that a file holds: its detectors are the event's, else those that its headers name, else the exposure
 * id's. Without content (the file is damaged) one frame all the same; the readout stage will say what is wrong.
 */
const framesOf = (
  { exposureId, exposure }: ExposureRecord,
  file: WrittenFile,
  path: string,
  content: FileContent | undefined,
  telemetry: TelemetrySnapshot,
): FrameState[] => {
  const { header, entries = [] } = content ?? {};
  const headers = header ? [header] : [];
  const several = entries.length > 1;
  const chosen = several
    ? entries.filter((entry) => !file.detector || nameOf(entry)?.detector === file.detector)
    : [entries[0] ?? { extver: 0 }];
  if (chosen.length === 0) {
    const held = entries.map(({ detector }) => detector ?? 'no DETECTOR').join(', ');
    throw new AssemblyError(
      'DETECTOR_ABSENT',
      file.path,
      `'${file.path}' holds ${held}; the event announced ${file.detector} in it.`,
    );
  }
  return chosen.map((entry) => {
    const identity = identify({
      announced: file.detector,
      inFile: entry.detector,
      mode: headerText(headers, 'INSTMODE', 'IFSMODE'),
      obsType: headerText(headers, 'OBSTYPE'),
      obsName: headerText(headers, 'OBSNAME'),
      exposureId,
      composedId: exposure.composedId === true,
      telemetry,
    });
    return {
      ...identity,
      path,
      extver: several ? entry.extver : 0,
      ...(file.level === undefined ? {} : { level: file.level }),
      ...(file.follow ? { follow: true as const } : {}),
      utDate: utDate(exposure.started ?? exposure.firstSeen),
      lastEventMillis: file.arrivedMillis,
      tasks: [],
      products: {},
    };
  });
};

/** Looks at an announced file on the volume. Never throws. */
export const lookAt = async (
  record: ExposureRecord,
  file: WrittenFile,
  volume: Volume,
  telemetry: TelemetrySnapshot,
): Promise<Look> => {
  try {
    const path = volume.existing(file.path);
    const content = await read(path).catch((error: unknown) => {
      if (faultOf(error).retriable) throw error;
      return undefined;
    });
    const frames = framesOf(record, file, volume.toRelative(path), content, record.atStart ?? telemetry);
    return { found: 'frames', frames };
  } catch (error) {
    return { found: faultOf(error).retriable ? 'nothing' : 'wrong', error };
  }
};
