import { type Fits, type Hdu, readImage, readTable } from '@iris-drs/fits';
import { census, checkPixels } from './pixels.ts';
import type { CertifyFinding, ColumnRule, ExtensionRule } from './rule.ts';

type Finding = Omit<CertifyFinding, 'file'>;

const IMAGES = new Set(['image', 'compressed']);

/** The HDU that a rule is about: the first of its names that the file has, with pixels or rows in it. */
export const findHdu = (fits: Fits, { names, kind }: ExtensionRule): Hdu | undefined => {
  for (const name of names) {
    const hdu = name === 'PRIMARY' ? fits.hdus[0] : fits.find(name);
    if (hdu === undefined) continue;
    if (name === 'PRIMARY' && hdu.shape.length === 0) continue;
    if (kind === 'image' ? IMAGES.has(hdu.kind) || name !== 'PRIMARY' : true) return hdu;
  }
  return undefined;
};

const nameOf = (hdu: Hdu): string => hdu.name || `${hdu.index}`;

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

const isReal = (hdu: Hdu): boolean | undefined => {
  const bitpix = hdu.pixels?.bitpix ?? Number(hdu.header.get('ZBITPIX') ?? Number.NaN);
  if (Number.isNaN(bitpix)) return undefined;
  return bitpix < 0 || (hdu.pixels !== undefined && hdu.pixels.bscale !== 1);
};

/** Units as people write them: case and blanks apart, `s**-1` for `/s`, counts for DN, e- for electron. */
const plainUnit = (unit: string): string =>
  unit
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/\bs(?:\*\*|\^)?-1\b/g, '/s')
    .replace(/^\.|\.(?=\/)/g, '')
    .replace(/\b(?:adu|counts?)\b/g, 'dn')
    .replace(/\be-(?=\/|$)|\belectrons\b/g, 'electron');

const layoutFaults = (rule: ExtensionRule, hdu: Hdu, main: Hdu | undefined): Finding[] => {
  const at = { hdu: nameOf(hdu) };
  const fault = (found: string, expected: string, severity: Finding['severity'] = 'error'): Finding => ({
    severity,
    ...at,
    found,
    expected,
    message: `${at.hdu} has ${found}; expected ${expected}`,
  });
  const out: Finding[] = [];
  if (hdu.shape.length === 0 || hdu.shape.includes(0)) return [fault('no pixels', 'an image')];
  if (rule.axes && !rule.axes.includes(hdu.shape.length)) {
    const expected = `${rule.axes.join(' or ')} axes`;
    out.push(fault(`${hdu.shape.length} axes, ${shapeText(hdu.shape)}`, expected));
  } else if (rule.likeMain && main && main !== hdu) {
    const [own, wanted] = [hdu.shape.slice(-2), main.shape.slice(-2)];
    if (own.join() !== wanted.join()) {
      out.push(fault(`${shapeText(own)} rows and columns`, `${shapeText(wanted)} as ${nameOf(main)} has`));
    }
  }
  const real = isReal(hdu);
  if (real !== undefined && rule.pixels !== undefined && real !== (rule.pixels === 'real')) {
    // Whole numbers serve where real ones are expected; flags must be whole.
    if (real) out.push(fault('real numbers', 'whole numbers'));
  }
  const unit = hdu.header.get('BUNIT');
  if (rule.units && typeof unit === 'string' && unit.trim() !== '') {
    const known = rule.units.map(plainUnit);
    if (!known.includes(plainUnit(unit))) {
      out.push({ ...fault(`BUNIT '${unit}'`, rule.units.join(' or ')), keyword: 'BUNIT' });
    }
  }
  return out;
};

/** One plane after the other, so that a cube is never held whole. */
async function* planesOf(fits: Fits, hdu: Hdu) {
  const [ny = 1, nx = 1] = hdu.shape.slice(-2);
  const above = hdu.shape.slice(0, -2);
  const count = above.reduce((product, size) => product * size, 1);
  for (let plane = 0; plane < count; plane++) {
    let rest = plane;
    const section: [number, number][] = [];
    for (const size of [...above].reverse()) {
      section.unshift([rest % size, (rest % size) + 1]);
      rest = Math.floor(rest / size);
    }
    const { data } = await readImage(fits, hdu, { section: [...section, [0, ny], [0, nx]] });
    yield { plane, count, data };
  }
}

const pixelFaults = async (rule: ExtensionRule, fits: Fits, hdu: Hdu): Promise<Finding[]> => {
  const checks = rule.checks ?? [];
  if (checks.length === 0 || hdu.shape.length < 2) return [];
  const isFlags = rule.names.includes('DQ');
  const dq = isFlags ? undefined : fits.find('DQ');
  const fits2d = dq !== undefined && dq.shape.length === 2 && dq.shape.join() === hdu.shape.slice(-2).join();
  const flags = fits2d ? (await readImage(fits, dq)).data : undefined;
  const out: Finding[] = [];
  for await (const { plane, count, data } of planesOf(fits, hdu)) {
    const counted = census(data, isFlags ? data : flags);
    for (const check of checks) {
      for (const fault of checkPixels(check, counted)) {
        const which = count > 1 ? `${nameOf(hdu)} plane ${plane}` : nameOf(hdu);
        out.push({ ...fault, hdu: nameOf(hdu), message: `${which}: ${fault.message}` });
      }
    }
    // One bad plane tells enough.
    if (out.length > 0) break;
  }
  return out;
};

const tableFaults = async (fits: Fits, hdu: Hdu, columns: readonly ColumnRule[]): Promise<Finding[]> => {
  const table = await readTable(fits, hdu);
  const name = nameOf(hdu);
  const out: Finding[] = [];
  for (const rule of columns) {
    const column = table.columns.find((each) => each.name.toUpperCase() === rule.name);
    if (column === undefined) {
      const present = table.columns.map((each) => each.name).join(', ') || 'none';
      if (rule.missing === undefined) continue;
      const message = `${name} has no column ${rule.name}; it has ${present}`;
      out.push({
        severity: rule.missing,
        hdu: name,
        column: rule.name,
        found: present,
        expected: rule.name,
        message,
      });
      continue;
    }
    const isText =
      Array.isArray(column.data) && (column.data.length === 0 || typeof column.data[0] === 'string');
    if (column.data.length > 0 && isText !== (rule.type === 'text')) {
      const message = `${name}.${rule.name} holds ${isText ? 'text' : 'numbers'}; expected ${rule.type === 'text' ? 'text' : 'numbers'}`;
      out.push({ severity: 'error', hdu: name, column: rule.name, message });
    }
  }
  return out;
};

/** Names and bits of a DQ_DEF table: every value one bit, none twice. */
const dqDefFaults = async (fits: Fits, hdu: Hdu): Promise<Finding[]> => {
  const { columns } = await readTable(fits, hdu);
  const data = (name: string) => columns.find((each) => each.name.toUpperCase() === name)?.data;
  const [names, values, bits] = [data('NAME'), data('VALUE'), data('BIT')];
  if (names === undefined || (values ?? bits) === undefined) return [];
  const flags = Array.from(names as ArrayLike<unknown>, (name, row) => ({
    name: String(name).trim(),
    value: values ? Number(values[row]) >>> 0 : 2 ** Number(bits![row]),
    bit: bits ? Number(bits[row]) : undefined,
  }));
  const fault = (message: string): Finding => ({
    severity: 'error',
    hdu: 'DQ_DEF',
    message: `DQ_DEF ${message}`,
  });
  const out: Finding[] = [];
  const seen = new Map<number, string>();
  for (const { name, value, bit } of flags) {
    if (value === 0 || !Number.isInteger(Math.log2(value)))
      out.push(fault(`gives ${name} the value ${value}; expected one bit`));
    else if (bit !== undefined && 2 ** bit !== value)
      out.push(fault(`gives ${name} bit ${bit} and value ${value}, which differ`));
    const other = seen.get(value);
    if (other !== undefined && other !== name)
      out.push(fault(`gives ${name} and ${other} the same value ${value}`));
    seen.set(value, name);
  }
  return out.slice(0, 5);
};

/** Faults of one extension of a file. */
export const checkExtension = async (
  rule: ExtensionRule,
  fits: Fits,
  main: Hdu | undefined,
  pixels: boolean,
): Promise<Finding[]> => {
  const hdu = findHdu(fits, rule);
  if (hdu === undefined) {
    if (rule.missing === undefined) return [];
    const expected = rule.names.join(' or ');
    const present = fits.hdus.map(nameOf).join(', ');
    const message = `no ${rule.kind} ${expected}; the file has ${present}`;
    return [{ severity: rule.missing, hdu: rule.names[0]!, found: present, expected, message }];
  }
  const isImage = IMAGES.has(hdu.kind);
  if (isImage !== (rule.kind === 'image')) {
    const [found, expected] = [
      isImage ? 'an image' : 'a table',
      rule.kind === 'image' ? 'an image' : 'a table',
    ];
    return [
      {
        severity: 'error',
        hdu: nameOf(hdu),
        found,
        expected,
        message: `${nameOf(hdu)} is ${found}; expected ${expected}`,
      },
    ];
  }
  if (rule.kind === 'table') {
    const faults = await tableFaults(fits, hdu, rule.columns ?? []);
    return nameOf(hdu) === 'DQ_DEF' ? [...faults, ...(await dqDefFaults(fits, hdu))] : faults;
  }
  const faults = layoutFaults(rule, hdu, main);
  if (!pixels || faults.some(({ severity }) => severity === 'error')) return faults;
  return [...faults, ...(await pixelFaults(rule, fits, hdu))];
};
