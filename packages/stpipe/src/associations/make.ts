import { type AssociableFrame, backgroundsFor, becomesImage } from '../association.ts';

/** A frame in a file, as far as associations ask. */
export interface AssociableFile extends AssociableFrame {
  /** As it shall stand in the association. */
  readonly expname: string;
  /** Name of its product: the file without extension and suffix. */
  readonly productName: string;
  readonly target: string;
}

/** An association as it stands in a file. */
export interface AssociationJson {
  readonly asn_type: string;
  readonly asn_rule: string;
  readonly asn_pool: string;
  readonly asn_id: string;
  readonly program: string;
  readonly target: string;
  readonly products: readonly {
    readonly name: string;
    readonly members: readonly { readonly expname: string; readonly exptype: string }[];
  }[];
}

/** How associations are made, by what people call them. */
export const ASSOCIATION_RULES = {
  image2: { asn_rule: 'Asn_Lv2Image', asn_type: 'image2', level: 2 },
  image3: { asn_rule: 'Asn_Lv3Image', asn_type: 'image3', level: 3 },
} as const;

export type AssociationRule = keyof typeof ASSOCIATION_RULES;

const inTime = (a: AssociableFile, b: AssociableFile): number =>
  a.startMillis - b.startMillis || (a.expname < b.expname ? -1 : 1);

const member = ({ expname }: AssociableFile, exptype: string) => ({ expname, exptype });

type Products = AssociationJson['products'];

/** A product of every frame that becomes an image, with the skies that serve it, nearest in time first. */
const level2 = (frames: readonly AssociableFile[]): Products =>
  frames
    .filter(becomesImage)
    .sort(inTime)
    .map((science) => ({
      name: science.productName,
      members: [
        member(science, 'science'),
        ...backgroundsFor(science, frames).map((sky) => member(sky, 'background')),
      ],
    }));

const groupsBy = <T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] => {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups.values()];
};

/** A name that is fit for a file. */
const plain = (text: string): string => text.trim().replace(/[^A-Za-z0-9.+-]+/g, '-');

/** One product of all dithers and detectors of a target in one filter and scale. */
const level3 = (frames: readonly AssociableFile[]): Products => {
  const images = frames.filter(becomesImage).sort(inTime);
  const groups = groupsBy(images, ({ observationId, target, filter, scale }) =>
    JSON.stringify([observationId, target, filter, scale]),
  );
  const nameOf = ({ observationId, exposureId, filter, mode, target, scale }: AssociableFile): string => {
    const others = groups.map(([first]) => first).filter((first) => first.observationId === observationId);
    const parts = [observationId || exposureId];
    if (new Set(others.map((other) => other.target)).size > 1) parts.push(target || 'target');
    parts.push(filter || mode);
    if (others.some((other) => other.filter === filter && other.scale !== scale)) parts.push(scale);
    return parts.map(plain).join('_');
  };
  return groups.map((group) => ({
    name: nameOf(group[0]),
    members: group.map((frame) => member(frame, 'science')),
  }));
};

/**
 * Associations of frames: one for each observation that has frames to be made into images. Which sky serves which
 * frame is decided by `backgroundsFor`, as it is for frames that come from the telescope.
 */
export const makeAssociations = (
  frames: readonly AssociableFile[],
  rule: AssociationRule,
): AssociationJson[] => {
  const { asn_rule, asn_type, level } = ASSOCIATION_RULES[rule];
  // A standalone exposure is an observation of its own.
  const observations = groupsBy(frames, ({ observationId, exposureId }) => observationId || exposureId);
  return observations.flatMap((observation) => {
    const [{ observationId, exposureId }] = observation;
    const products = level === 2 ? level2(observation) : level3(observation);
    if (products.length === 0) return [];
    const targets = new Set(observation.filter(becomesImage).map(({ target }) => target));
    return {
      ...{ asn_type, asn_rule },
      asn_pool: observationId || 'none',
      asn_id: observationId || exposureId,
      program: observationId || 'noprogram',
      target: targets.size === 1 ? ([...targets][0] ?? '') : 'none',
      products,
    };
  });
};
