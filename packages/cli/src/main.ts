import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from './errors.ts';

interface Command {
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[]): Promise<number>;
}

/** Loaded when asked for, so that no command waits for another's imports. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: () => import('./commands/demo.ts'),
  test: () => import('./commands/test.ts'),
  up: () => import('./commands/up.ts'),
  down: () => import('./commands/down.ts'),
  status: () => import('./commands/status.ts'),
  provision: () => import('./commands/provision.ts'),
  publish: () => import('./commands/publish.ts'),
  watch: () => import('./commands/watch.ts'),
  run: () => import('./commands/run.ts'),
  sim: () => import('./commands/sim.ts'),
  bench: () => import('./commands/bench.ts'),
  fits: () => import('./commands/fits.ts'),
  asn: () => import('./commands/asn.ts'),
  gc: () => import('./commands/gc.ts'),
  refs: () => import('./commands/refs.ts'),
};

const help = async (): Promise<string> => {
  const lines = ['usage: drs COMMAND [options]', ''];
  for (const load of Object.values(COMMANDS)) {
    const { usage, summary } = await load();
    lines.push(`  drs ${usage}`, `      ${summary}`);
  }
  return `${lines.join('\n')}\n`;
};

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await help());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new CliError(2, `no command '${name}'; commands are: ${Object.keys(COMMANDS).join(', ')}`);
  const command = await load();
  // `test` hands everything on to the test runner, `run` shows the options of a class.
  if (name !== 'test' && name !== 'run' && (args.includes('--help') || args.includes('-h'))) {
    process.stdout.write(`usage: drs ${command.usage}\n${command.summary}\n`);
    return 0;
  }
  return command.run(args);
};

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      const text =
        error instanceof Error
          ? process.env.DRS_DEBUG
            ? (error.stack ?? error.message)
            : error.message
          : String(error);
      process.stderr.write(`drs: ${text}\n`);
      process.exit(error instanceof CliError ? error.exitCode : 1);
    },
  );
}
