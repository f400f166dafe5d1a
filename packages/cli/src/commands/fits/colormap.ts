/** Colour tables of pictures. */

/**
 * 33 colours of each map, evenly spaced; the others are interpolated, which is within 2 of 255 of the original.
 *
 * viridis: Nathaniel J. Smith, Stéfan van der Walt, Eric Firing; inferno: Nathaniel J. Smith, Stéfan van der Walt.
 * From matplotlib (lib/matplotlib/_cm_listed.py), where both are given to the public domain under CC0 1.0.
 */
const ANCHORS = {
  viridis:
    '440154 460c5f 47186a 482273 472c7b 453681 424085 3e4989 3a528b 365a8c 32628d ' +
    '2f6a8d 2c728e 287a8e 26818e 23898d 20908c 1e978a 1e9e88 21a685 27ad80 30b47a ' +
    '3dbb74 4bc26c 5bc862 6dce58 81d34c 95d73f aadb32 bfdf24 d4e11a e9e419 fde724',
  inferno:
    '000003 030212 0a0723 140b36 200c4a 2e0a5a 3c0965 4a0b6a 570f6d 63146e 70196e ' +
    '7d1d6c 892269 962666 a32b61 af315b bb3754 c53d4d d04544 da4e3b e35832 ea6428 ' +
    'f0701e f57e14 f98c09 fb9b06 fbaa0e fbb91e f8c931 f5d948 f1e864 f2f485 fcfea4',
} as const;

export const COLORMAPS = ['grey', 'viridis', 'inferno'] as const;
export type Colormap = (typeof COLORMAPS)[number];

/** Red, green and blue of 256 levels behind each other. */
export function colourTable(name: Colormap): Uint8Array {
  const table = new Uint8Array(3 * 256);
  const anchors =
    name === 'grey'
      ? [
          [0, 0, 0],
          [255, 255, 255],
        ]
      : ANCHORS[name].split(' ').map(rgb);
  for (let level = 0; level < 256; level++) {
    const at = (level / 255) * (anchors.length - 1);
    const below = Math.min(Math.floor(at), anchors.length - 2);
    for (let c = 0; c < 3; c++) {
      const [from = 0, to = 0] = [anchors[below]?.[c], anchors[below + 1]?.[c]];
      table[3 * level + c] = Math.round(from + (to - from) * (at - below));
    }
  }
  return table;
}

const rgb = (hex: string): number[] => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
