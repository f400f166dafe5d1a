import { parse } from '../args.ts';
import { dataDirOf } from '../instance/paths.ts';
import { up } from '../instance/up.ts';

export const usage = 'up [--data DIR] [--refs DIR] [--nats URL] [--modes imager,lenslet,slicer]';
export const summary = 'start nats-server (unless given one) and every service; again: restart what has died';

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(
    args,
    {
      data: { type: 'string' },
      refs: { type: 'string' },
      nats: { type: 'string' },
      modes: { type: 'string' },
    },
    usage,
  );
  const say = (line: string): void => void process.stderr.write(`drs: ${line}\n`);
  const state = await up({
    data: dataDirOf(values.data),
    refs: values.refs,
    nats: values.nats,
    modes: values.modes,
    say,
  });
  process.stdout.write(
    `up: ${state.processes.length} processes, NATS ${state.natsUrl}, data ${state.data}, references ${state.refs}\n`,
  );
  return 0;
};
