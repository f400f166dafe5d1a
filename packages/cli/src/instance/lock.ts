import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { exists } from './processes.ts';

/**
 * Holds a lock file until disposed; a lock whose holder has died is taken over.
 * @throws CliError 1 when another process holds it
 */
export const lockFile = (path: string, what: string): Disposable => {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const fd = openSync(path, 'wx');
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(path, 'utf8'));
      if (holder > 0 && exists(holder)) break;
      rmSync(path, { force: true });
    }
  }
  throw new CliError(1, `${what} is already under way (${path}); wait for it to end`);
};
