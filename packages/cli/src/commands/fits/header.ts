import type { Card, Hdu } from '@iris-drs/fits';
import { parse } from '../../args.ts';
import { CliError } from '../../errors.ts';
import { forEachFile, label, print, selectHdu } from './files.ts';

/** Records of a card as they stand in the file, one a line. */
const lines = (card: Card): string =>
  (card.raw.match(/.{1,80}/gs) ?? []).map((record) => `${record.trimEnd()}\n`).join('');

const wanted = (hdu: Hdu, keywords: readonly string[] | undefined): readonly Card[] => {
  if (!keywords) return hdu.header.cards;
  const names = new Set(
    keywords.map((keyword) =>
      keyword
        .trim()
        .toUpperCase()
        .replace(/^HIERARCH /, ''),
    ),
  );
  return hdu.header.cards.filter((card) => names.has(card.keyword.toUpperCase()));
};

/** `drs fits header`: the cards of one HDU, or of all, verbatim; of some keywords only if asked. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { hdu: { type: 'string' }, keyword: { type: 'string', multiple: true } },
    usage,
  );
  return forEachFile(positionals, usage, async (fits, path) => {
    const hdus = values.hdu === undefined ? fits.hdus : [selectHdu(fits, values.hdu)];
    const titled = positionals.length > 1 || hdus.length > 1;
    let found = 0;
    for (const hdu of hdus) {
      const cards = wanted(hdu, values.keyword);
      found += cards.length;
      if (cards.length === 0 && values.keyword) continue;
      await print(`${titled ? `# ${path} ${label(hdu)}\n` : ''}${cards.map(lines).join('')}`);
    }
    if (values.keyword && found === 0) {
      const where = values.hdu === undefined ? 'any HDU' : `HDU ${values.hdu}`;
      throw new CliError(1, `${path}: no keyword ${values.keyword.join(', ')} in ${where}`);
    }
  });
};
