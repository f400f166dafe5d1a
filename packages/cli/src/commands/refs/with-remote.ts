import type { Remote } from './remote.ts';

export const isAddress = (text: string): boolean => /^[\w.-]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(text);

/** As `withRemote` of remote.ts, which is loaded only then: commands on a directory do not wait for gRPC. */
export const withRemote = async <T>(address: string, work: (remote: Remote) => Promise<T>): Promise<T> =>
  (await import('./remote.ts')).withRemote(address, work);
