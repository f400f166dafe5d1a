import { parse } from '../args.ts';
import { down } from '../instance/down.ts';
import { dataDirOf } from '../instance/paths.ts';
import { requireState } from '../instance/state.ts';

export const usage = 'down [--data DIR]';
export const summary =
  'stop the services, each finishing its work in hand, and the nats-server that up started';

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(args, { data: { type: 'string' } }, usage);
  await down(requireState(dataDirOf(values.data)), (line) => process.stdout.write(`${line}\n`));
  return 0;
};
