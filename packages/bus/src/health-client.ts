import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

/** What grpc.health.v1 answers at an address; UNREACHABLE when nothing does within the time. */
export type ServingStatus = 'SERVING' | 'NOT_SERVING' | 'UNKNOWN' | 'UNREACHABLE';

const HealthClient = makeGenericClientConstructor(service, 'grpc.health.v1.Health');

type Check = (
  request: { service: string },
  options: { deadline: number },
  callback: (error: Error | null, response?: { status: string | number }) => void,
) => void;

const NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING'] as const;

/** Asks a service on loopback for its health. */
export const servingStatus = (address: string, timeoutMs = 2_000): Promise<ServingStatus> =>
  new Promise((resolve) => {
    const client = new HealthClient(address, credentials.createInsecure());
    const check = client.check as Check;
    check.call(client, { service: '' }, { deadline: Date.now() + timeoutMs }, (error, response) => {
      client.close();
      const status = response?.status;
      if (error || status === undefined) resolve('UNREACHABLE');
      else resolve(NAMES.find((name, index) => name === status || index === status) ?? 'UNKNOWN');
    });
  });
