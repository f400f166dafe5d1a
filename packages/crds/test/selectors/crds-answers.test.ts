import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CrdsError, parseMapping } from '../../src/index.ts';
import { parametersOf } from '../../src/keywords.ts';
import { str } from '../../src/python/text.ts';

interface Golden {
  readonly rmaps: readonly {
    readonly rmap: string;
    readonly cases: readonly (readonly [header: Record<string, string>, answer: string])[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/crds-answers.json', import.meta.url), 'utf8'),
);

describe('rules of every kind', () => {
  it.each(golden.rmaps.map((each, i) => [i, each] as const))('answer as CRDS does: mapping %i', (_, each) => {
    const mapping = parseMapping(each.rmap, 'jwst_nircam_flat_0001.rmap', { ignoreChecksum: true });
    if (mapping.kind !== 'reference') throw new Error('not an rmap');
    for (const [header, expected] of each.cases) {
      let answer: string;
      try {
        answer = str(mapping.selector.choose(parametersOf(header)));
      } catch (error) {
        if (!(error instanceof CrdsError)) throw error;
        answer = `${error.code}: ${error.message}`;
      }
      expect(answer, JSON.stringify(header)).toBe(expected);
    }
  });
});
