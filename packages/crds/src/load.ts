import { specialAnswer } from './choose.ts';
import type { Below, Context } from './context.ts';
import { CrdsError } from './errors.ts';
import {
  type InstrumentMapping,
  type Mapping,
  type MappingOptions,
  parseMapping,
  type ReferenceMapping,
} from './mapping.ts';

/** Mappings of contexts loaded before: one whose text is the same is not parsed again. */
export type KnownMappings = Map<
  string,
  { readonly text: string; readonly checked: boolean; readonly mapping: Mapping }
>;

export interface ContextOptions extends MappingOptions {
  /** Kept by the caller from one load to the next, always with the same aliases; holds this context afterwards. */
  readonly known?: KnownMappings;
  /** References and mappings that are marked as scientifically invalid; none by default. */
  readonly badFiles?: ReadonlySet<string>;
}

const isSpecial = (name: string): boolean => specialAnswer(name, '', '') !== undefined;

const unlike = (found: Mapping, expected: string): CrdsError =>
  new CrdsError('MappingFormatError', `${found.file} is a mapping of another kind than ${expected}`, {
    file: found.file,
  });

type Read = (file: string) => string | Promise<string>;

/** Loads mappings one by one; what is below an .imap with it. */
const loader = (read: Read, options: ContextOptions) => {
  const { known } = options;
  const checked = options.ignoreChecksum !== true;
  const load = async (file: string): Promise<Mapping> => {
    const text = await read(file);
    const same = known?.get(file);
    if (same?.text === text && same.checked === checked) return same.mapping;
    const mapping = parseMapping(text, file, options);
    known?.set(file, { text, checked, mapping });
    return mapping;
  };
  const problems = new Map<string, CrdsError>();
  const attempt = async <K extends Mapping['kind']>(file: string, kind: K) => {
    try {
      const mapping = await load(file);
      if (mapping.kind !== kind) throw unlike(mapping, `the ${kind} mapping its name is listed as`);
      return mapping as Extract<Mapping, { kind: K }>;
    } catch (error) {
      if (!(error instanceof CrdsError)) throw error;
      problems.set(file, error);
      return undefined;
    }
  };
  const instruments = new Map<string, InstrumentMapping>();
  const references = new Map<string, ReferenceMapping>();
  const add = async (imap: string, instrument: InstrumentMapping): Promise<void> => {
    instruments.set(imap, instrument);
    for (const rmap of new Set(instrument.types.values())) {
      const reference =
        isSpecial(rmap) || references.has(rmap) ? undefined : await attempt(rmap, 'reference');
      if (reference) references.set(rmap, reference);
    }
  };
  return { load, attempt, add, below: { instruments, references, problems } };
};

/**
 * Loads an .imap with its mappings, as `loadContext` a context.
 * @throws CrdsError when the .imap itself cannot be loaded
 */
export const loadInstrument = async (
  name: string,
  read: Read,
  options: ContextOptions = {},
): Promise<Below> => {
  const { load, add, below } = loader(read, options);
  const instrument = await load(name);
  if (instrument.kind !== 'instrument') throw unlike(instrument, 'an .imap');
  await add(name, instrument);
  return below;
};

/**
 * Loads a context with all its mappings.
 *
 * @param name  the .pmap
 * @param read  text of a mapping by its file name
 * @throws CrdsError when the .pmap itself cannot be loaded; a mapping below it becomes a problem of its types
 */
export const loadContext = async (
  name: string,
  read: Read,
  options: ContextOptions = {},
): Promise<Context> => {
  const { known } = options;
  const { load, attempt, add, below } = loader(read, options);
  const pipeline = await load(name);
  if (pipeline.kind !== 'pipeline') throw unlike(pipeline, 'a .pmap');
  for (const imap of new Set(pipeline.instruments.values())) {
    const instrument = isSpecial(imap) ? undefined : await attempt(imap, 'instrument');
    if (instrument) await add(imap, instrument);
  }
  const { instruments, references } = below;
  const parameters = new Map(
    [...instruments].map(([imap, { types }]) => {
      const names = [...types.values()].flatMap((rmap) => references.get(rmap)?.parameters ?? []);
      return [imap, [...new Set(names)]];
    }),
  );
  const mappings = [name, ...instruments.keys(), ...references.keys()];
  for (const file of known?.keys() ?? []) {
    if (file !== name && !instruments.has(file) && !references.has(file)) known?.delete(file);
  }
  const { observatory } = pipeline;
  const { badFiles = new Set<string>() } = options;
  return {
    name,
    observatory,
    mappings,
    pipeline,
    ...below,
    parameters,
    badFiles,
  };
};
