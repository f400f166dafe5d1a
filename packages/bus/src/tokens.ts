import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Metadata } from '@grpc/grpc-js';
import { BusError } from './errors.ts';
import { isLoopback } from './grpc.ts';

const MIN_LENGTH = 16;

interface Token {
  readonly name: string;
  readonly secret: string;
}

const tokensOf = (file: string): Token[] => {
  const bad = (found: string, cause?: unknown): BusError =>
    new BusError(
      'SETTING_INVALID',
      'DRS_TOKENS',
      `DRS_TOKENS='${file}' ${found}; expected a file with a line \`name token\` for each who may write, tokens of at least ${MIN_LENGTH} characters.`,
      cause,
    );
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(`cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  return text.split('\n').flatMap((line, i) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#')) return [];
    const [name = '', secret = ''] = words;
    if (words.length !== 2 || secret.length < MIN_LENGTH) throw bad(`has no name and token in line ${i + 1}`);
    return [{ name, secret }];
  });
};

const same = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(x!, y!);
};

/** Call metadata that shows a token. */
export const bearer = (token: string | undefined, metadata = new Metadata()): Metadata => {
  if (token) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
};

/** Tells who makes a call that changes something. */
export interface Gatekeeper {
  /**
   * Name of the token that the call shows; empty on loopback when the service knows no tokens.
   * @throws BusError UNAUTHENTICATED, WRITING_DISABLED
   */
  admit(metadata: Metadata): string;
}

/**
 * Lets calls that change something in by token. The file is read at each call, so a token is given or taken without a
 * restart.
 *
 * @param address  what the service listens on: only loopback may do without tokens
 * @param file     lines of `name token`
 * @throws BusError SETTING_INVALID for a file that cannot be used
 */
export const gatekeeper = (address: string, file: string | undefined): Gatekeeper => {
  if (file !== undefined) tokensOf(file);
  return {
    admit(metadata) {
      if (file === undefined) {
        if (isLoopback(address)) return '';
        throw new BusError(
          'WRITING_DISABLED',
          address,
          `this service listens on ${address}, beyond loopback, and knows no tokens, so nobody may change anything. Set DRS_TOKENS to a file of them.`,
        );
      }
      const shown = /^Bearer (\S+)$/i.exec(String(metadata.get('authorization')[0] ?? ''))?.[1];
      // Every one is compared, so that the time tells nothing.
      const fitting = tokensOf(file).filter(({ secret }) => shown !== undefined && same(secret, shown));
      if (fitting[0]) return fitting[0].name;
      throw new BusError(
        'UNAUTHENTICATED',
        'authorization',
        `${shown === undefined ? 'the call shows no token' : 'the token is not known here'}; set DRS_TOKEN to one that the service has in DRS_TOKENS.`,
      );
    },
  };
};
