import { basename } from 'node:path';
import { certifyReference } from '../certify/reference.ts';
import type { CertifyFinding } from '../certify/rule.ts';
import { chosenBy } from '../certify/rules/index.ts';
import type { Context } from '../context.ts';
import { type Derivation, deriveContext, referenceInstrument } from '../derive/derive.ts';
import { CrdsError, NotCertified } from '../errors.ts';
import { type KnownMappings, loadContext } from '../load.ts';
import { type Account, changeContext, checkAccount } from './change.ts';
import { checksumsIgnored } from './environment.ts';
import type { HistoryChange, HistoryEntry } from './history.ts';
import { type CacheLayout, contextInForce, layoutOf, readMapping } from './layout.ts';
import { referenceKeywords } from './reference-keywords.ts';
import { assertRegular, readRegular } from './regular-file.ts';
import { type StagedReference, stageReference } from './stage-reference.ts';
import { namesTaken, writeMappings } from './write-mappings.ts';

/** A reference to take in. */
export interface NewReference {
  /** Name in the cache. */
  readonly file: string;
  /** Reference type; default REFTYPE of its header. */
  readonly type?: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** SHA-1 that the bytes must have, in hexadecimal. */
  readonly sha1?: string | undefined;
}

export interface IngestAccount extends Account {
  /** Certify and derive, change nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface Ingested {
  /** The newest entry of the history; of a dry run what it would be, with serial 0. */
  readonly entry: HistoryEntry;
  /** False: the context in force has these references by these rules already. */
  readonly changed: boolean;
  /** Warnings. */
  readonly findings: readonly CertifyFinding[];
}

/** References on their way into a cache: first all are added, then all or none come into force. */
export interface IngestBatch {
  /** @throws CrdsError UnsafeName, CacheFull, ReferenceDamaged; what `bytes` throws */
  add(reference: NewReference): Promise<StagedReference>;
  /**
   * As `add`, of a regular file whose headers are looked at first: what is no reference is not copied.
   * @param options.file  name in the cache; default the last part of the path
   * @throws NotCertified, CrdsError NotAReference; as `add`
   */
  addPath(path: string, options?: Partial<Omit<NewReference, 'bytes'>>): Promise<StagedReference>;
  /** @throws NotCertified with all findings, when one is an error; CrdsError NotAReference */
  certify(): Promise<readonly CertifyFinding[]>;
  /**
   * Gives the references their names, writes the mappings that follow from them and puts the new context in force.
   * @throws CrdsError ReferenceExists, CacheFull, RecordIncomplete, HistoryBroken, WritersCollide; as `certify` and
   *   `deriveContext`
   */
  activate(account: IngestAccount): Promise<Ingested>;
  /** Removes what lies around; needed in any case. */
  discard(): void;
}

interface Added {
  readonly staged: StagedReference;
  readonly type: string | undefined;
}

interface Certified {
  readonly staged: StagedReference;
  readonly type: string;
  /** The caller named the type, not only the header. */
  readonly isNamed: boolean;
  readonly header: Readonly<Record<string, string>>;
}

const MAX_ATTEMPTS = 100;

const withHeader = async ({ staged, type }: Added): Promise<Certified> => {
  const header = await referenceKeywords(staged.path, staged.file);
  const known = (type ?? header.REFTYPE ?? '').trim().toLowerCase();
  if (known !== '') return { staged, header, type: known, isNamed: type !== undefined };
  const message = `${staged.file} has no REFTYPE that says which type of reference it is; give its type.`;
  throw new CrdsError('NotAReference', message, { file: staged.file });
};

const entryOf = (
  from: string,
  { context, mappings, changes }: Derivation,
  references: readonly Certified[],
  { by, why }: Account,
): HistoryChange => ({
  action: 'ingest',
  by,
  why,
  from,
  to: context,
  references: references.map(({ type, staged: { file, sha1, size } }) => ({ file, type, sha1, size })),
  mappings: mappings.map(({ file }) => file),
  changes,
  undoes: 0,
});

/** A slip in REFTYPE must not begin a type of its own: one that nobody knows has to be named by the caller. */
const assertKnownType = (context: Context, imap: string, { type, isNamed, staged }: Certified): void => {
  if (isNamed || chosenBy(type) || context.instruments.get(imap)?.types.has(type)) return;
  const message =
    `${staged.file} has REFTYPE '${type.toUpperCase().slice(0, 80)}', a type that neither ${imap} nor the rules of certify know; ` +
    'correct it, or name the type with the reference to begin a new one.';
  throw new CrdsError('MappingInsertionError', message, { file: staged.file });
};

let parsed: { readonly path: string; readonly known: KnownMappings } | undefined;

/** Mappings that the last ingest into a cache has read: the next one changes three of them. */
const knownOf = (path: string): KnownMappings => {
  if (parsed?.path !== path) parsed = { path, known: new Map() };
  return parsed.known;
};

const derive = async (layout: CacheLayout, from: string, references: readonly Certified[]) => {
  const read = (file: string): string => readMapping(layout, file);
  const options = { ignoreChecksum: checksumsIgnored(), known: knownOf(layout.path) };
  const context = await loadContext(from, read, options);
  for (const reference of references) {
    const instrument = referenceInstrument(context, reference.header, reference.staged.file);
    const imap = context.pipeline.instruments.get(instrument.toLowerCase());
    if (imap !== undefined) assertKnownType(context, imap, reference);
  }
  const insert = references.map(({ type, header, staged: { file } }) => ({ type, header, file }));
  const derivation = deriveContext(context, read, { insert }, namesTaken(layout));
  const placed = references.map((reference) => ({
    ...reference,
    instrument: referenceInstrument(context, reference.header, reference.staged.file).toLowerCase(),
  }));
  return { ...derivation, references: placed };
};

/** What the history would say, and nothing else. */
const rehearse = async (
  layout: CacheLayout,
  references: readonly Certified[],
  account: Account,
): Promise<Omit<Ingested, 'findings'>> => {
  const { context: from } = contextInForce(layout);
  const derivation = await derive(layout, from, references);
  const planned = entryOf(from, derivation, references, account);
  return {
    entry: { serial: 0, time: new Date().toISOString(), ...planned },
    changed: derivation.changes.length > 0,
  };
};

const bringIn = async (
  layout: CacheLayout,
  references: readonly Certified[],
  account: Account,
): Promise<Omit<Ingested, 'findings'>> => {
  let changed = false;
  const entry = await changeContext(layout, async ({ to: from, serial }) => {
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const derivation = await derive(layout, from, references);
      changed = derivation.changes.length > 0;
      const change = changed ? entryOf(from, derivation, references, account) : undefined;
      if (changed && serial === 0) return change;
      for (const { staged, instrument } of derivation.references) await staged.commit(instrument);
      if (writeMappings(layout, derivation.mappings)) return change;
    }
    throw new CrdsError(
      'WritersCollide',
      `Other writers took every name for new mappings of ${layout.path}.`,
    );
  });
  return { entry, changed };
};

/**
 * Begins to take references into a cache. Nothing shows before `activate`; a process that dies leaves the context in
 * force as it is, and copies that `sweepStaging` removes.
 *
 * @param cache  directory of the CRDS cache
 */
export const beginIngest = (cache: string): IngestBatch => {
  const layout = layoutOf(cache);
  const added: Added[] = [];
  let ready: { references: Certified[]; findings: CertifyFinding[] } | undefined;
  const certify = async () => {
    if (ready) return ready;
    const findings: CertifyFinding[] = [];
    for (const { staged, type } of added) findings.push(...(await certifyReference(staged.path, type)));
    if (findings.some(({ severity }) => severity === 'error')) throw new NotCertified(findings);
    const references: Certified[] = [];
    for (const each of added) references.push(await withHeader(each));
    ready = { references, findings };
    return ready;
  };
  const add = async ({ file, type, bytes, sha1 }: NewReference): Promise<StagedReference> => {
    if (added.some(({ staged }) => staged.file === file)) {
      throw new CrdsError('ReferenceExists', `${file} is given twice.`, { file });
    }
    const staged = await stageReference(layout, file, bytes);
    added.push({ staged, type });
    if (sha1 !== undefined && sha1.toLowerCase() !== staged.sha1) {
      const message = `${file} has sha1 ${staged.sha1} where ${sha1} was announced; send it again.`;
      throw new CrdsError('ReferenceDamaged', message, { file });
    }
    ready = undefined;
    return staged;
  };
  return {
    add,
    async addPath(path, { file = basename(path), ...expected } = {}) {
      assertRegular(path);
      const found = await certifyReference(path, expected.type, { pixels: false });
      if (found.some(({ severity }) => severity === 'error')) throw new NotCertified(found);
      return add({ file, ...expected, bytes: readRegular(path) });
    },
    certify: async () => (await certify()).findings,
    async activate(account) {
      checkAccount(account);
      const { references, findings } = await certify();
      const done = account.dryRun ? rehearse : bringIn;
      return { ...(await done(layout, references, account)), findings };
    },
    discard() {
      for (const { staged } of added) staged.discard();
    },
  };
};

export interface IngestRequest extends IngestAccount {
  readonly references: readonly {
    /** A regular file. */
    readonly path: string;
    /** Name in the cache; default the last part of the path. */
    readonly file?: string | undefined;
    /** Reference type; default REFTYPE of its header. */
    readonly type?: string | undefined;
  }[];
}

/**
 * Takes references into a cache: certify, derive, put in force, note in the history. All of it or nothing; the same
 * references once more change nothing.
 *
 * @param cache  directory of the CRDS cache
 * @throws CrdsError and NotCertified as `IngestBatch`
 */
export const ingest = async (cache: string, { references, ...account }: IngestRequest): Promise<Ingested> => {
  checkAccount(account);
  const batch = beginIngest(cache);
  try {
    for (const { path, file = basename(path), type } of references) await batch.addPath(path, { file, type });
    return await batch.activate(account);
  } finally {
    batch.discard();
  }
};
