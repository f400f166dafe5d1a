import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';

const running = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

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
      if (holder > 0 && running(holder)) break;
      rmSync(path, { force: true });
    }
  }
  throw new CliError(1, `${what} is already under way (${path}); wait for it to end`);
};
