import { loadContext } from '@iris-drs/crds';
import type { FetchChunk } from '@iris-drs/proto';
import { CliError } from '../../errors.ts';
import type { CopySource } from './copy.ts';
import { MAX_MAPPING_BYTES, refuseProblems } from './files.ts';
import { type OriginContext, referencesByInstrument } from './origin.ts';
import type { Remote } from './remote.ts';

/** Bytes of a file of the service from an offset on; the sum that it tells at the end goes to `onSum`. */
async function* bytesOf(
  { client, failure }: Remote,
  file: string,
  offset: number,
  onSum: (sha1: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const { data, sha1 } of client.fetch({ file, offset }) as AsyncIterable<FetchChunk>) {
      if (sha1 !== '') onSum(sha1);
      yield data;
    }
  } catch (error) {
    throw failure(error);
  }
}

const mappingOf = async (remote: Remote, file: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytesOf(remote, file, 0, () => undefined)) {
    size += part.length;
    if (size > MAX_MAPPING_BYTES) throw new CliError(1, `${file}: more than ${MAX_MAPPING_BYTES} bytes`);
    parts.push(part);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
};

const sourceOf = (remote: Remote, name: string, size: number, told: string): CopySource => {
  let sha1 = told;
  return {
    name,
    size,
    get sha1() {
      return sha1 || undefined;
    },
    read: (offset) =>
      bytesOf(remote, name, offset, (sum) => {
        sha1 ||= sum;
      }),
  };
};

/** A context of a reference service: the one in force, or one by name. */
export const contextOfService = async (remote: Remote, wanted?: string): Promise<OriginContext> => {
  const name = wanted ?? (await remote.ask(remote.client.getContext, {})).context;
  const texts = new Map<string, string>();
  const context = await loadContext(name, async (file) => {
    const text = await mappingOf(remote, file);
    texts.set(file, text);
    return text;
  });
  refuseProblems(context.name, context);
  const { references } = await remote.ask(remote.client.listReferences, {
    context: name,
    referenceTypes: [],
  });
  const known = new Map(references.map((reference) => [reference.file, reference]));
  return {
    name,
    observatory: context.observatory,
    mappings: context.mappings.toReversed().map((file) => ({ name: file, text: texts.get(file) ?? '' })),
    references: [...referencesByInstrument(context)].map(([file, instrument]) => {
      const { present = false, size = 0, sha1 = '' } = known.get(file) ?? {};
      return { name: file, instrument, source: present ? sourceOf(remote, file, size, sha1) : undefined };
    }),
  };
};
