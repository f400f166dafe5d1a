import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { inputsOf, referenceKeyword, stepKeyword, stepState, writeProvenance } from '../src/index.ts';

const full = () =>
  writeProvenance(Header.from([['INSTRUME', 'IRIS', 'as it came']]), {
    inputs: ['/data/20310314/raw/a_rate.fits', 'b_rate.fits'],
    references: [
      { type: 'dark', file: '/refs/tmt_iris_dark_0001.fits' },
      { type: 'flat' },
      { type: 'mask', file: 'N/A' },
    ],
    context: 'tmt_0001.pmap',
    crdsVersion: '0.1.0',
    steps: { dq_init: 'SKIPPED', dark: 'COMPLETE', flat_field: 'SKIPPED', bkg_subtract: 'FAILED' },
    softwareVersion: '0.1.0',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    options: { 'bkg_subtract.sigma': 2.5, 'dark.skip': false },
    fileName: 'a_flt.fits',
    dataModel: 'ImageModel',
  });

describe('provenance', () => {
  it('stands in the keywords that stpipe uses', () => {
    const header = full();
    const wanted = [
      'S_DQINIT',
      'S_DARK',
      'S_FLAT',
      'S_BKDSUB',
      'R_DARK',
      'R_FLAT',
      'R_MASK',
      'CRDS_CTX',
      'CRDS_VER',
      'CAL_VER',
      'FILENAME',
      'DATAMODL',
      'INPUT001',
      'INPUT002',
      'TRACEID',
      'TELESCOP',
      'INSTRUME',
      'ORIGIN',
    ];
    expect(
      Object.fromEntries(wanted.map((keyword) => [keyword, header.get(keyword)])),
    ).toMatchInlineSnapshot(`
      {
        "CAL_VER": "0.1.0",
        "CRDS_CTX": "tmt_0001.pmap",
        "CRDS_VER": "0.1.0",
        "DATAMODL": "ImageModel",
        "FILENAME": "a_flt.fits",
        "INPUT001": "a_rate.fits",
        "INPUT002": "b_rate.fits",
        "INSTRUME": "IRIS",
        "ORIGIN": "TMT",
        "R_DARK": "crds://tmt_iris_dark_0001.fits",
        "R_FLAT": "N/A",
        "R_MASK": "N/A",
        "S_BKDSUB": "FAILED",
        "S_DARK": "COMPLETE",
        "S_DQINIT": "SKIPPED",
        "S_FLAT": "SKIPPED",
        "TELESCOP": "TMT",
        "TRACEID": "0af7651916cd43dd8448eb211c80319c",
      }
    `);
    expect(header.historyLines()).toEqual(['Option bkg_subtract.sigma = 2.5', 'Option dark.skip = false']);
    expect(header.string('DATE')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
    expect(header.cards[0]?.comment).toBe('as it came');
  });

  it('is read back, by any name of a step', () => {
    const header = full();
    for (const name of ['dark', 'dark_current', 'dark_sub']) expect(stepState(header, name)).toBe('COMPLETE');
    expect(stepState(header, 'background')).toBe('FAILED');
    expect(stepState(header, 'photom')).toBeUndefined();
    expect(inputsOf(header)).toEqual(['a_rate.fits', 'b_rate.fits']);
  });

  it('replaces inputs and states, keeping one card for each', () => {
    const header = writeProvenance(full(), { inputs: ['c.fits'], steps: { dark: 'SKIPPED' } });
    expect(inputsOf(header)).toEqual(['c.fits']);
    expect(header.keywords().filter((keyword) => keyword === 'S_DARK')).toHaveLength(1);
    expect(stepState(header, 'dark')).toBe('SKIPPED');
  });

  it('reads the states that liger writes', () => {
    const header = Header.from([
      ['S_NLCORR', 'COMPLETE'],
      ['S_SKYSUB', 'SKIPPED'],
      ['S_RAMPFI', 'COMPLETE'],
    ]);
    expect(['nonlincorr', 'bkg_subtract', 'ramp_fit'].map((step) => stepState(header, step))).toEqual([
      'COMPLETE',
      'SKIPPED',
      'COMPLETE',
    ]);
  });

  it('names keywords for steps and references of others', () => {
    expect([stepKeyword('my_new_step'), referenceKeyword('ghostmap')]).toEqual(['S_MYNEWS', 'R_GHOSTM']);
  });
});
