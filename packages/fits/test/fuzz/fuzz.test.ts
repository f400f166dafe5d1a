import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

it('1,000 damaged files end in data or in a FitsError, within memory in proportion to them', async () => {
  const { failures, largest, outcomes } = await fuzz(0, 1000);
  expect(failures).toEqual([]);
  expect(largest.ratio).toBeLessThanOrEqual(4);
  // The damage reaches all layers, not only the first check.
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining([
      ...[
        'read',
        'NOT_FITS',
        'DATA_TRUNCATED',
        'KEYWORD_VALUE',
        'KEYWORD_TYPE',
        'KEYWORD_MISSING',
        'TABLE_LAYOUT',
      ],
      ...[
        'HEAP_RANGE',
        'TILE_LAYOUT',
        'COMPRESSED_DATA',
        'UNSUPPORTED',
        'SECTION_RANGE',
        'HDU_KIND',
        'FIELD_VALUE',
      ],
    ]),
  );
});
