import { telemetryValue } from '../telemetry/snapshot.ts';
import { type Detector, type DetectorName, detectorNamed, type InstrumentMode } from './detectors.ts';
import { parseExposureId } from './exposureid.ts';
import { type Role, type RoleEvidence, roleOf } from './roles.ts';

/** What a frame is, as far as the file itself and what was announced of it say. */
export interface FrameEvidence extends RoleEvidence {
  /** The detector that the event named. */
  readonly announced?: Detector | undefined;
  /** DETECTOR of the file. */
  readonly inFile?: string | undefined;
  /** INSTMODE or IFSMODE of the file. */
  readonly mode?: string | undefined;
}

export interface FrameIdentity {
  readonly detector: Detector;
  readonly mode: InstrumentMode;
  readonly role: Role;
}

/** Lenslet or slicer: the header, telemetry; lenslet when nothing says. */
const ifsMode = ({ mode, telemetry = {} }: FrameEvidence): InstrumentMode => {
  const said =
    mode ??
    telemetryValue(telemetry, 'IRIS.is.ifsMode', 'mode') ??
    telemetryValue(telemetry, 'IRIS.ifs.scale.IFSmode', 'mode');
  return detectorNamed(String(said ?? ''))?.mode === 'slicer' ? 'slicer' : 'lenslet';
};

/**
 * Detector, mode and role of a frame. The detector is the event's, else the file's, else that of the exposure id.
 * @throws TmtError when the exposure id is malformed
 */
export const identify = (evidence: FrameEvidence): FrameIdentity => {
  const { announced, exposureId } = evidence;
  const ofId = exposureId === undefined ? undefined : detectorNamed(parseExposureId(exposureId).detector);
  const ofFile: DetectorName | undefined = detectorNamed(evidence.inFile ?? '');
  const detector = announced ?? ofFile?.detector ?? ofId?.detector ?? 'IMG1';
  const mode = detector === 'IFS' ? (ofFile?.mode ?? ofId?.mode ?? ifsMode(evidence)) : 'imager';
  return { detector, mode, role: roleOf(evidence) };
};
