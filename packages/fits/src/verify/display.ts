const LETTERS: Readonly<Record<string, string>> = {
  A: 'A',
  L: 'L',
  I: 'IJKBX',
  B: 'IJKBX',
  O: 'IJKBX',
  Z: 'IJKBX',
  F: 'EFCDMIJKBX',
  E: 'EFCDMIJKBX',
  D: 'EFCDMIJKBX',
};

/**
 * What is wrong with a TDISP, if anything: Aw, Lw, Iw.m, Bw.m, Ow.m, Zw.m, Fw.d, Ew.dEe, ENw.d, ESw.d, Gw.dEe, Dw.dEe
 * (FITS Standard 4.0, tables 16 and 20), on a column whose values it can show.
 */
export function displayProblem(display: string, tform: string): string | undefined {
  const match = /^([ALIBOZFEGD])([NS]?)(\d+)(?:\.(\d+))?(?:E(\d+))?$/.exec(display);
  const letter = match?.[1] ?? '';
  const width = Number(match?.[3] ?? 0);
  const digits = match?.[4] === undefined ? undefined : Number(match[4]);
  const exponent = Number(match?.[5] ?? 2);
  if (!match || width === 0 || (match[2] !== '' && letter !== 'E')) return 'is no display format';
  if ('IBOZ'.includes(letter) && width < (digits ?? 0)) return 'has more digits than its width';
  if (letter === 'F' && (digits === undefined || width < digits + 1)) return 'has no room for its digits';
  if ('EDG'.includes(letter) && !digits) return 'has no digits';
  if ('ED'.includes(letter) && width < (digits ?? 0) + exponent + 3) return 'has no room for its digits';
  const fits = LETTERS[letter];
  if (fits !== undefined && ![...fits].some((type) => tform.includes(type))) {
    return `cannot show a column of format ${tform}`;
  }
  return undefined;
}
