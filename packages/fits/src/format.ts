import { canonical } from './card.ts';
import { FitsError } from './errors.ts';
import type { FitsValue } from './value.ts';

const STANDARD = /^[A-Z0-9_-]{1,8}$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const RESERVED = new Set(['END', 'CONTINUE', 'COMMENT', 'HISTORY', 'HIERARCH']);

/** The 80-character records of a keyword: one, or several when a string goes on in CONTINUE. */
export function formatCard(keyword: string, value: FitsValue, comment = ''): string {
  const name = canonical(keyword);
  checkKeyword(name);
  checkText(comment, name, 'comment');
  const head = STANDARD.test(name) ? `${name.padEnd(8)}= ` : `HIERARCH ${name} = `;
  if (typeof value === 'string') return formatString(head, name, value, comment);
  // Fixed format: numbers and logicals end in column 30.
  const text = formatScalar(value, name).padStart(STANDARD.test(name) ? 20 : 0);
  if (head.length + text.length > 80) {
    throw new FitsError(
      'WRITE_VALUE',
      `keyword and value ${text} do not fit in 80 characters; shorten the keyword`,
      {
        keyword: name,
      },
    );
  }
  return withComment(head + text, comment);
}

/** Commentary records (COMMENT, HISTORY, blank) of 72 characters of text each. */
export function formatCommentary(keyword: 'COMMENT' | 'HISTORY' | '', text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    checkText(line, keyword, 'text');
    const records: string[] = [];
    for (let at = 0; at === 0 || at < line.length; at += 72) {
      records.push(keyword.padEnd(8) + line.slice(at, at + 72).padEnd(72));
    }
    return records;
  });
}

function checkKeyword(name: string): void {
  const text = RESERVED.has(name)
    ? 'is reserved; use comment() or history() for commentary'
    : name === '' || !PRINTABLE.test(name) || name.includes('=') || name.length > 60
      ? 'is no FITS keyword; expected 1-60 printable ASCII characters without "="'
      : undefined;
  if (text) throw new FitsError('WRITE_KEYWORD', `${JSON.stringify(name)} ${text}`, { keyword: name });
}

function checkText(text: string, keyword: string, what: string): void {
  if (PRINTABLE.test(text)) return;
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  throw new FitsError(
    'WRITE_VALUE',
    `${what} ${shown} holds characters beyond printable ASCII; replace them`,
    {
      keyword,
    },
  );
}

function formatScalar(value: Exclude<FitsValue, string>, keyword: string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) {
    throw new FitsError(
      'WRITE_VALUE',
      `${value} cannot stand in a FITS header; leave the keyword out or use null`,
      {
        keyword,
      },
    );
  }
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value.toString();
  const [mantissa = '', exponent] = value.toString().split('e');
  const digits = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  const sign = Object.is(value, -0) ? '-' : '';
  return exponent === undefined ? sign + digits : `${digits}E${exponent}`;
}

function formatString(head: string, keyword: string, value: string, comment: string): string {
  checkText(value, keyword, 'value');
  const quoted = value.replaceAll("'", "''");
  if (head.length + quoted.length + 2 <= 80) {
    return withComment(`${head}'${value === '' ? '' : quoted.padEnd(8)}'`.padEnd(30), comment);
  }
  const records: string[] = [];
  let rest = quoted;
  let start = head;
  while (start.length + rest.length + 2 > 80) {
    let cut = 80 - start.length - 3;
    if (cut < 2) throw new FitsError('WRITE_KEYWORD', 'the keyword leaves no room for a string', { keyword });
    // A doubled quote must not be torn in two: the cut may only follow an even number of quotes in a row.
    const run = /'*$/.exec(rest.slice(0, cut))?.[0].length ?? 0;
    if (run % 2 === 1) cut -= 1;
    records.push(`${start}'${rest.slice(0, cut)}&'`.padEnd(80));
    rest = rest.slice(cut);
    start = 'CONTINUE  ';
  }
  const last = `${start}'${rest}'`;
  if (comment !== '' && last.length + 3 + comment.length > 80 && start.length + rest.length + 3 <= 80) {
    records.push(`${start}'${rest}&'`.padEnd(80), withComment("CONTINUE  ''", comment));
  } else {
    records.push(withComment(last, comment));
  }
  return records.join('');
}

/** Comments are cut at column 80, as cfitsio and astropy do. */
function withComment(card: string, comment: string): string {
  return (comment === '' ? card : `${card} / ${comment}`).slice(0, 80).padEnd(80);
}
