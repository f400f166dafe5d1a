import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelCredentials, makeGenericClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { type GrpcServer, openTelemetry, startGrpc } from '@iris-drs/bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTH_NAMES } from './pods.ts';

const { tracer } = openTelemetry({ service: 'probed' });
const Raw = makeGenericClientConstructor({}, 'raw');

/** A unary call as a kubelet makes it; the name goes as field 1, the answer's field 1 is the status. */
function call(address: string, credentials: ChannelCredentials, path: string, name: string): Promise<number> {
  const client = new Raw(address, credentials);
  const text = Buffer.from(name);
  return new Promise<number>((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (request: Buffer) => request,
      (answer: Buffer) => answer[1] ?? 0,
      Buffer.concat([Buffer.from([0x0a, text.length]), text]),
      { deadline: Date.now() + 10_000 },
      (error: ServiceError | null, value?: number) => (error ? reject(error) : resolve(value ?? 0)),
    );
  }).finally(() => client.close());
}

const CHECK = '/grpc.health.v1.Health/Check';
const [SERVING, NOT_SERVING] = [1, 2];
const plain = ChannelCredentials.createInsecure();

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const directory = mkdtempSync(join(tmpdir(), 'drs-tls-'));
const pem = (name: string) => join(directory, name);
// The option -CA of `req` came with OpenSSL 3.
const hasOpenssl = /^OpenSSL [3-9]/.test(
  spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '',
);

/** An authority and one certificate for localhost, as the Secret drs-tls would hold them. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-subj', '/CN=drs'];
  openssl('req', '-x509', ...key, ...signed, ...names, '-keyout', 'tls.key', '-out', 'tls.crt');
}

describe('a service as the cluster sees it', () => {
  let grpc: GrpcServer;
  let health: string;
  beforeAll(async () => {
    if (!hasOpenssl) return console.warn('deploy: probes and TLS not checked: no OpenSSL 3 here');
    makeCertificates();
    health = `127.0.0.1:${await freePort()}`;
    const tls = { cert: pem('tls.crt'), key: pem('tls.key'), ca: pem('ca.crt') };
    grpc = await startGrpc({ address: 'localhost:0', tls, tracer, healthAddress: health });
  });
  afterAll(async () => {
    await grpc?.stop(1_000);
    rmSync(directory, { recursive: true, force: true });
  });

  it('answers every probe by name in plaintext, alive before it is ready', async () => {
    if (!hasOpenssl) return expect(grpc).toBeUndefined();
    const asked = async () => {
      const answers: Record<string, number> = {};
      for (const [role, name] of Object.entries(HEALTH_NAMES))
        answers[role] = await call(health, plain, CHECK, name);
      return answers;
    };
    expect(await asked()).toEqual({ startup: SERVING, liveness: SERVING, readiness: NOT_SERVING });
    grpc.setServing(true);
    expect(await asked()).toEqual({ startup: SERVING, liveness: SERVING, readiness: SERVING });
    grpc.setServing(false);
    expect(await asked()).toEqual({ startup: SERVING, liveness: SERVING, readiness: NOT_SERVING });
  });

  it('serves nothing but health without credentials', async () => {
    if (!hasOpenssl) return expect(grpc).toBeUndefined();
    const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    await expect(call(health, plain, reflection, '')).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(call(grpc.address, plain, CHECK, 'liveness')).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
  });

  it('takes clients with a certificate of its authority alone', async () => {
    if (!hasOpenssl) return expect(grpc).toBeUndefined();
    const ca = readFileSync(pem('ca.crt'));
    const nobody = ChannelCredentials.createSsl(ca);
    await expect(call(grpc.address, nobody, CHECK, 'liveness')).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
    const ours = ChannelCredentials.createSsl(ca, readFileSync(pem('tls.key')), readFileSync(pem('tls.crt')));
    expect(await call(grpc.address, ours, CHECK, 'liveness')).toBe(SERVING);
  });

  it('does not listen beyond loopback without credentials', async () => {
    await expect(startGrpc({ address: '0.0.0.0:0', tracer })).rejects.toMatchObject({
      code: 'GRPC_INSECURE',
    });
  });
});
