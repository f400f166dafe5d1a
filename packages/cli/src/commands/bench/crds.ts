import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bestReferences, type Context, loadContext } from '@iris-drs/crds';
import { CliError } from '../../errors.ts';
import { compare, timed } from './compare.ts';
import { type BenchContext, benchContext, scanRules } from './crds-context.ts';
import type { Suite } from './line.ts';
import { asking, pythonReference, type Reference } from './reference.ts';

const HEADERS = 300;

const answersOf = (context: Context, { headers, types }: BenchContext): (string | undefined)[] =>
  headers.flatMap((header) =>
    bestReferences(context, header, types).map((best) => (best.answer === 'file' ? best.file : undefined)),
  );

const scannedOf = ({ headers, types, rules }: BenchContext): (string | undefined)[] =>
  headers.flatMap((header) =>
    types.map((type) =>
      scanRules(rules[`${header['META.INSTRUMENT.NAME']!.toLowerCase()} ${type}`]!, header),
    ),
  );

/** Other ways must give the same files, or their times say nothing. */
const requireAgreement = (
  ours: readonly (string | undefined)[],
  others: readonly unknown[],
  name: string,
): void => {
  const at = ours.findIndex((file, i) => file === undefined || file !== others[i]);
  if (at < 0 && ours.length === others.length) return;
  throw new CliError(1, `answer ${at} of ${ours.length}: ${ours[at]}, ${name} gives ${others[at]}`);
};

/** A cache that CRDS itself can read. */
const writeCache = (directory: string, { mappings, headers, types }: BenchContext): void => {
  const place = join(directory, 'mappings', 'jwst');
  mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(mappings)) writeFileSync(join(place, file), text);
  writeFileSync(join(directory, 'headers.json'), JSON.stringify({ headers, types }));
};

/**
 * Loading a context of 100 mappings, and best references of 32 types for each of many headers with it loaded; beside
 * the plain scan of all rules, and CRDS itself where Python has it. A sample is a mapping, or an answer.
 */
export const crds: Suite = async ({ runs, directory, say }) => {
  const made = benchContext(HEADERS);
  const count = Object.keys(made.mappings).length;
  const read = (file: string): string => made.mappings[file]!;
  const context = await loadContext(made.context, read);
  const ours = answersOf(context, made);
  requireAgreement(ours, scannedOf(made), 'the scan of all rules');
  writeCache(directory, made);
  let python: Reference | undefined;
  try {
    python = await pythonReference('CRDS', 'crds_context.py', directory, say);
    if (python) {
      const { values = [] } = await python.ask('answers');
      requireAgreement(ours, values[0] ?? [], python.name);
    }
    const load = {
      ...timed(`load ${count} mappings`, () => loadContext(made.context, read)),
      samples: count,
      targetSeconds: 0.1,
    };
    const best = {
      ...timed(`best references, ${made.types.length} types of ${HEADERS} headers`, () =>
        answersOf(context, made),
      ),
      samples: ours.length,
      targetSeconds: ours.length * 5e-6,
    };
    const scan = timed('scan of all rules', () => scannedOf(made));
    const one = (request: string) => (python ? [asking(python, python.name, request)] : []);
    return [
      ...(await compare('crds', [load], one('load'), runs)),
      ...(await compare('crds', [best], [scan, ...one('best')], runs)),
    ];
  } finally {
    python?.close();
  }
};
