import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { simulateObservation } from '@iris-drs/simulator';
import { integerArg, parse } from '../../args.ts';
import { DETECTOR_FLAGS, EFFECT_FLAGS, effectOptions } from './effects.ts';
import { COMMON_FLAGS, commonOptions, refuseArguments, requireFlag } from './options.ts';
import { contextsIn } from './references.ts';
import { settingsChecked } from './settings.ts';

/**
 * `drs sim observation`: raw ramps below the data directory as the detectors would leave them, and the events in
 * their order, one JSON line each, for `drs publish`.
 */
export const simulateFrames = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      ...{ ...COMMON_FLAGS, ...DETECTOR_FLAGS, ...EFFECT_FLAGS },
      data: { type: 'string' },
      science: { type: 'string' },
      sky: { type: 'string' },
      ramps: { type: 'string' },
      observation: { type: 'string' },
      first: { type: 'string' },
      events: { type: 'string' },
      truth: { type: 'string' },
    },
    usage,
  );
  refuseArguments(positionals, usage);
  const data = requireFlag('data', values.data ?? process.env.DRS_DATA, usage);
  const refs = requireFlag('refs', values.refs ?? process.env.CRDS_PATH, usage);
  const options = {
    ...commonOptions(values, data, refs),
    ...effectOptions(values),
    science: integerArg('science', values.science, 3, 0, 9999),
    sky: integerArg('sky', values.sky, 1, 0, 9999),
    ramps: integerArg('ramps', values.ramps, 1, 1, 1000),
    firstExposure: integerArg('first', values.first, 1, 0, 9999),
    ...(values.observation === undefined ? {} : { observationId: values.observation }),
    ...(values.truth === undefined ? {} : { truth: resolve(values.truth) }),
  };
  const file = resolve(values.events ?? join(data, 'events.ndjson'));
  for (const directory of [data, refs, dirname(file)]) mkdirSync(directory, { recursive: true });
  const [present] = contextsIn(refs);
  if (present)
    process.stderr.write(`drs: ${refs} has the context ${present}; its references are left as they are\n`);

  const count = { files: 0, events: 0 };
  let fd: number | undefined;
  try {
    for await (const item of settingsChecked(simulateObservation(options))) {
      // Opened only now: settings that are refused leave an old file alone.
      fd ??= openSync(file, 'w');
      if (item.kind === 'event') {
        writeSync(fd, `${JSON.stringify(item.published)}\n`);
        count.events += 1;
      } else if (item.kind === 'file') count.files += 1;
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  process.stdout.write(`${count.files} ramp files in ${data}, ${count.events} events in ${file}\n`);
  return 0;
};
