import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './rooms.ts';

/** Runs a tool of the workspace at the root under this process's own Node; '' when it is content. */
function complaints(tool: string, args: readonly string[]): string {
  const run = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    },
  });
  if (run.error !== undefined) throw run.error;
  return run.status === 0 ? '' : `${tool} ${args.join(' ')}: exit ${run.status}\n${run.stdout}${run.stderr}`;
}

it('lint and format are clean', () => {
  expect(complaints('biome', ['check', '--error-on-warnings', '--max-diagnostics=200', '.'])).toBe('');
});

// Emits into the ignored dist/ folders: composite projects cannot be checked without.
it('types of sources and tests are sound', () => {
  expect(complaints('tsc', ['--build'])).toBe('');
}, 180_000);

// Types are left out: those of a public signature are for whoever calls it.
it('nothing is exported, declared or kept that nobody uses', () => {
  expect(complaints('knip', ['--no-progress', '--no-config-hints'])).toBe('');
}, 120_000);
