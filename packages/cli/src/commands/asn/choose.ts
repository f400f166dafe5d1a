import type { AssociationRule } from '@iris-drs/stpipe';
import type { FrameFile } from './frames.ts';

/** Frames that an association is made of, and why the others are left aside. */
export interface Choice {
  readonly frames: readonly FrameFile[];
  readonly notes: readonly string[];
}

/** Of the files of one exposure and detector the one to begin with: image2 wants it raw, image3 far along. */
const isBefore =
  (rule: AssociationRule) =>
  (a: FrameFile, b: FrameFile): boolean => {
    if (a.isRamp !== b.isRamp) return !a.isRamp;
    return rule === 'image2' ? a.stepsDone < b.stepsDone : a.stepsDone > b.stepsDone;
  };

/** One file for each exposure and detector, so that several products of one exposure may be given. */
export const chooseFrames = (given: readonly FrameFile[], rule: AssociationRule): Choice => {
  const chosen = new Map<string, FrameFile>();
  const notes: string[] = [];
  const files = new Map(given.map((frame) => [frame.path, frame]));
  for (const frame of files.values()) {
    if (rule === 'image2' && frame.isSubtracted) {
      notes.push(`${frame.path} has its background subtracted already; it is left aside`);
      continue;
    }
    const key = JSON.stringify([frame.exposureId, frame.detector]);
    const other = chosen.get(key);
    const isFirst = other === undefined || isBefore(rule)(frame, other);
    if (isFirst) chosen.set(key, frame);
    if (!other) continue;
    const [taken, left] = isFirst ? [frame, other] : [other, frame];
    notes.push(`${left.path} is of the same exposure as ${taken.path}; it is left aside`);
  }
  const frames = [...chosen.values()];
  const ramps = frames.filter(({ isRamp }) => isRamp).length;
  if (ramps > 0) {
    notes.push(
      `${ramps} of the files ${ramps === 1 ? 'is a ramp' : 'are ramps'}; run ROPPipeline on ramps and associate the frames that it makes`,
    );
  }
  for (const { mode, path } of frames) {
    if (mode !== 'imager') notes.push(`${path} is a frame of the ${mode}; no association is made for it`);
  }
  return { frames, notes };
};
