import { writeFileSync } from 'node:fs';
import { buildCache, type CacheRules, localReferences } from '@iris-drs/crds';
import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../../test/fixtures/workbench.ts';
import { configToJson, configure, findClass, referenceParameters } from '../../src/index.ts';

const bench = openWorkbench();
const header = Header.from([
  ['INSTRUME', 'IRIS'],
  ['DETECTOR', 'IRIS1'],
  ['DATE-OBS', '2031-01-01'],
  ['TIME-OBS', '00:00:00'],
]);
const HEAD = '#ASDF 1.0.0\n%YAML 1.1\n--- !core/asdf-1.1.0\n';
const rules = (file: string, body: string): CacheRules => {
  const from = bench.path(file);
  writeFileSync(from, `${HEAD}${body}...\n`);
  return {
    parameters: ['META.INSTRUMENT.DETECTOR'],
    references: [{ match: ['IRIS1'], useAfter: '1900-01-01 00:00:00', file, from }],
  };
};

describe('parameters of the reference system', () => {
  const known = findClass('iris_pipeline.Image2Pipeline')!;

  it('are those of the steps and over them those of the pipeline, below what the user says', async () => {
    const cache = bench.path('crds');
    await buildCache(cache, {
      types: {
        'pars-backgroundstep': rules(
          'background.asdf',
          'class: jwst.background.BackgroundStep\nname: b\nparameters: {sigma: 4.5, maxiters: 7}\n',
        ),
        'pars-image2pipeline': rules(
          'image2.asdf',
          'class: x\nname: p\nparameters: {save_bsub: true}\nsteps:\n- {class: x, name: bkg_subtract, parameters: {maxiters: 2}}\n',
        ),
        'pars-photomstep': 'N/A',
      },
    });
    const heard: string[] = [];
    const parameters = await referenceParameters(
      known,
      header,
      localReferences({ path: cache }),
      (type, path) => heard.push(`${type} ${path.replace(/^.*\//, '')}`),
    );
    expect(heard).toEqual(['pars-image2pipeline image2.asdf', 'pars-backgroundstep background.asdf']);
    expect(JSON.parse(configToJson(parameters))).toMatchObject({
      save_bsub: true,
      steps: { bkg_subtract: { sigma: 4.5, maxiters: 2 } },
    });
    const { own, steps } = configure({
      ...{ target: known.fullName, parameters, steps: () => undefined, cwd: bench.path('.') },
      options: [['steps.bkg_subtract.sigma', '6']],
    });
    expect(own.values.get('save_bsub')).toBe(true);
    const { values } = steps.find(({ section }) => section === 'bkg_subtract')!;
    expect([values.get('sigma'), values.get('maxiters')]).toEqual([6, 2]);
  });

  it('are none where the rules know no such type', async () => {
    const cache = bench.path('other');
    await buildCache(cache, { types: { dark: 'N/A' } });
    const parameters = await referenceParameters(known, header, localReferences({ path: cache }), () => {
      throw new Error('none');
    });
    expect(configToJson(parameters)).toBe('{}');
  });
});
