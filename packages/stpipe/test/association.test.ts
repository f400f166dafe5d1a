import { describe, expect, it } from 'vitest';
import { type AssociableFrame, backgroundsFor, becomesImage, isCalibrated } from '../src/association.ts';

const frame = (traits: Partial<AssociableFrame> = {}): AssociableFrame => ({
  role: 'sky',
  aborted: false,
  exposureId: 'E1',
  observationId: '2031A-001-123',
  mode: 'imager',
  detector: 'IMG1',
  filter: 'K',
  scale: '0.004',
  exposureTimeSeconds: 20,
  startMillis: 0,
  ...traits,
});

describe('the sky frames of a science frame', () => {
  it('are skies, whole, of the same observation, mode, detector, filter, scale and exposure time', () => {
    const science = frame();
    const others: Partial<AssociableFrame>[] = [
      { observationId: '2031A-001-124' },
      { mode: 'slicer' },
      { detector: 'IMG2' },
      { filter: 'H' },
      { filter: '' },
      { scale: '0.009' },
      { exposureTimeSeconds: 20.03 },
      { exposureTimeSeconds: 0 },
      { role: 'science' },
      { aborted: true },
    ];
    expect(backgroundsFor(science, [frame({ exposureId: 'S' }), ...others.map(frame)])).toEqual([
      frame({ exposureId: 'S' }),
    ]);
  });

  it('may have an exposure time that was rounded', () => {
    expect(backgroundsFor(frame(), [frame({ exposureTimeSeconds: 20.019 })])).toHaveLength(1);
    expect(
      backgroundsFor(frame({ exposureTimeSeconds: 0 }), [frame({ exposureTimeSeconds: 0 })]),
    ).toHaveLength(1);
  });

  it('come nearest in time first, before or after, and no more than the limit', () => {
    const skies = [50, -10, 9, 10, 200].map((seconds) =>
      frame({ exposureId: `S${seconds}`, startMillis: seconds * 1000 }),
    );
    const ids = (limit?: number) => backgroundsFor(frame(), skies, limit).map(({ exposureId }) => exposureId);
    expect(ids()).toEqual(['S9', 'S-10', 'S10', 'S50', 'S200']);
    expect(ids(2)).toEqual(['S9', 'S-10']);
    const many = Array.from({ length: 20 }, (_, i) => frame({ startMillis: i }));
    expect(backgroundsFor(frame(), many)).toHaveLength(9);
  });

  it('do not depend on the order in which they arrived', () => {
    const skies = ['B', 'A', 'C'].map((exposureId) => frame({ exposureId }));
    const ids = (given: readonly AssociableFrame[]) =>
      backgroundsFor(frame(), given).map(({ exposureId }) => exposureId);
    expect(ids(skies)).toEqual(ids(skies.toReversed()));
  });

  it('are none for a standalone exposure', () => {
    const alone = frame({ observationId: '' });
    expect(backgroundsFor(alone, [alone])).toEqual([]);
  });
});

it('images are made of science frames and standard stars of the imager; skies and lamps are calibrated with them', () => {
  const roles = ['science', 'sky', 'telluric', 'arc', 'dark', 'flat', 'engineering'];
  expect(roles.filter((role) => becomesImage({ role, mode: 'imager' }))).toEqual(['science', 'telluric']);
  expect(roles.filter((role) => becomesImage({ role, mode: 'slicer' }))).toEqual([]);
  expect(roles.filter(isCalibrated)).toEqual(['science', 'sky', 'telluric', 'arc']);
});
