import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findNatsServer, natsVersion } from '../instance/nats-server.ts';
import { ROOT } from '../instance/paths.ts';

export const usage = 'test [vitest arguments]';
export const summary = 'run the tests; what they need is installed first';

export const run = async (args: readonly string[]): Promise<number> => {
  if (process.env.NATS_URL === undefined) {
    const server = findNatsServer((line) => process.stderr.write(`drs: ${line}\n`));
    process.stderr.write(`drs: tests use ${natsVersion(server)}, Node ${process.version}\n`);
  }
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0 ? 0 : 1));
  });
};
