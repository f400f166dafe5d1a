import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { flagTranslation, translateFlags, usesOldFlags } from '../src/dq.ts';
import { DQ, flagNames, flagValue, parseFlags, translateOldFlags } from '../src/index.ts';

describe('the DQ table', () => {
  it('holds the 32 bits of JWST, unsigned', () => {
    expect(Object.keys(DQ)).toHaveLength(32);
    expect(DQ).toMatchObject({
      DO_NOT_USE: 1,
      SATURATED: 2,
      JUMP_DET: 4,
      OUTLIER: 16,
      NON_SCIENCE: 512,
      NO_FLAT_FIELD: 262144,
      OTHER_BAD_PIXEL: 1073741824,
      REFERENCE_PIXEL: 2147483648,
    });
  });

  it('goes from names to values and back', () => {
    for (const [name, value] of Object.entries(DQ)) {
      expect(flagValue(name)).toBe(value);
      expect(flagNames(value)).toEqual([name]);
    }
    expect(flagNames(DQ.REFERENCE_PIXEL + DQ.HOT)).toEqual(['HOT', 'REFERENCE_PIXEL']);
    expect(flagValue('GOOD')).toBe(0);
    expect(flagValue('constructor')).toBeUndefined();
  });
});

describe('mask text', () => {
  it.each([
    ['DO_NOT_USE+SATURATED', 3],
    ['do_not_use, saturated', 3],
    ['DO_NOT_USE|4', 5],
    ['0x10', 16],
    ['GOOD', 0],
    ['~DO_NOT_USE+NON_SCIENCE', 0xfffffdfe],
    ['~(HOT, WARM)', 0xffffe7ff],
    ['REFERENCE_PIXEL', 0x80000000],
  ])('%s', (text, value) => expect(parseFlags(text)).toBe(value));

  it('names what it does not know', () => {
    expect(() => parseFlags('DO_NOT_USE+WET')).toThrowErrorMatchingInlineSnapshot(
      `[DataModelError: found "WET" in "DO_NOT_USE+WET", expected a flag such as DO_NOT_USE, or a number below 2³². Use the names of the DQ table, numbers, and + , | ~ between them.]`,
    );
    expect(() => parseFlags('')).toThrow('found ""');
    expect(() => parseFlags('4294967296')).toThrow('below 2³²');
  });
});

describe('flags of other tables', () => {
  it('moves the four bits in which jwst 0.17 differs and keeps the others', () => {
    const flags = Uint32Array.of(1, 64, 128, 256, 1 << 28, 2 ** 31 + 2, 256 + 1024);
    translateOldFlags(flags);
    expect([...flags]).toEqual([
      1,
      0,
      0,
      DQ.OTHER_BAD_PIXEL,
      DQ.UNRELIABLE_BIAS,
      2 ** 31 + 2,
      DQ.OTHER_BAD_PIXEL + DQ.DEAD,
    ]);
  });

  it('maps the bits of a DQ_DEF table by name', () => {
    const { table, unknown } = flagTranslation([
      { value: 1, name: 'HOT' },
      { value: 2, name: 'DEAD' },
      { value: 8, name: 'PURPLE' },
    ]);
    const flags = Uint32Array.of(0, 1, 2, 3, 8, 9, 16);
    translateFlags(flags, table);
    expect([...flags]).toEqual([0, DQ.HOT, DQ.DEAD, DQ.HOT + DQ.DEAD, 0, DQ.HOT, 0]);
    expect(unknown).toEqual(['PURPLE']);
  });

  it.each([
    ['0.17.1', 'IRISImageModel', true],
    ['0.13.7', 'TMTRampModel', true],
    ['0.18.0', 'IRISImageModel', false],
    ['1.19.1', 'IRISImageModel', false],
    ['0.1.0', 'ImageModel', false],
  ])('CAL_VER %s with DATAMODL %s: old table %s', (version, model, old) => {
    const header = Header.from([
      ['CAL_VER', version],
      ['DATAMODL', model],
    ]);
    expect(usesOldFlags(header)).toBe(old);
  });
});
