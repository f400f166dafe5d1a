import type { Log, Volume } from '@iris-drs/bus';
import { listDetectors } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import {
  type Detector,
  detectorNamed,
  parseExposureId,
  roleOf,
  type TelemetrySnapshot,
  telemetryValue,
} from '@iris-drs/tmt';
import type { FrameState } from './record.ts';

/** What is known of a file that has been written. */
export interface WrittenFile {
  readonly exposureId: string;
  readonly composedId: boolean;
  /** Real absolute path. */
  readonly path: string;
  readonly detector: Detector | undefined;
  readonly arrivedMillis: number;
}

interface FileContent {
  readonly header: Header;
  readonly entries: readonly { readonly extver: number; readonly detector?: string }[];
}

const read = async (path: string): Promise<FileContent> => {
  using fits = await openFile(path);
  return { header: fits.hdu(0).header, entries: await listDetectors(path) };
};

const text = (header: Header | undefined, keyword: string): string | undefined => {
  const value = header?.get(keyword);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

/** Lenslet or slicer: the detector's name, the header, telemetry; lenslet when nothing says. */
const ifsMode = (header: Header | undefined, telemetry: TelemetrySnapshot): string => {
  const said =
    text(header, 'INSTMODE') ??
    text(header, 'IFSMODE') ??
    telemetryValue(telemetry, 'IRIS.is.ifsMode', 'mode') ??
    telemetryValue(telemetry, 'IRIS.ifs.scale.IFSmode', 'mode');
  return detectorNamed(String(said ?? ''))?.mode === 'slicer' ? 'slicer' : 'lenslet';
};

/**
 * The frames that a written file holds: its detectors are the event's, else those that its headers name, else the
 * exposure id's. A file that cannot be read gives one frame all the same; the readout stage will say what is wrong.
 */
export const framesOf = async (
  file: WrittenFile,
  volume: Volume,
  telemetry: TelemetrySnapshot,
  log: Log,
): Promise<FrameState[]> => {
  let content: FileContent | undefined;
  try {
    content = await read(file.path);
  } catch (error) {
    log.warn(
      { exposure: file.exposureId, input: file.path, error: (error as Error).message },
      'header cannot be read yet',
    );
  }
  const { header } = content ?? {};
  const named = detectorNamed(parseExposureId(file.exposureId).detector);
  const role = roleOf({
    obsType: text(header, 'OBSTYPE'),
    obsName: text(header, 'OBSNAME'),
    exposureId: file.exposureId,
    composedId: file.composedId,
    telemetry,
  });
  const entries = content && content.entries.length > 0 ? content.entries : [{ extver: 0 }];
  const severalInOne = entries.length > 1;
  const chosen =
    file.detector && severalInOne
      ? entries.filter((entry) => nameOf(entry)?.detector === file.detector)
      : entries;
  return chosen.map((entry) => {
    const inFile = nameOf(entry);
    const detector = file.detector ?? inFile?.detector ?? named?.detector ?? 'IMG1';
    const mode = detector === 'IFS' ? (inFile?.mode ?? named?.mode ?? ifsMode(header, telemetry)) : 'imager';
    return {
      detector,
      mode,
      role,
      path: volume.toRelative(file.path),
      extver: severalInOne ? entry.extver : 0,
      ...(content ? {} : { unread: true as const }),
      lastEventMillis: file.arrivedMillis,
      tasks: [],
      products: {},
    };
  });
};

const nameOf = ({ detector }: { readonly detector?: string }) =>
  detector === undefined ? undefined : detectorNamed(detector);
