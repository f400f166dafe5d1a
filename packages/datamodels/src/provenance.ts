/** What made a product, written into its primary header and read back from it. */
import type { FitsValue, Header } from '@iris-drs/fits';
import { referenceKeyword, type StepState, stepKeyword } from './steps.ts';

export interface ReferenceUse {
  readonly type: string;
  /** Base name of the file; absent when the rules say that none applies (N/A). */
  readonly file?: string;
}

export interface Provenance {
  /** Base names of the input files, science first. */
  readonly inputs?: readonly string[];
  readonly references?: readonly ReferenceUse[];
  /** The CRDS context (.pmap) that chose them. */
  readonly context?: string;
  /** Version of the software that matched the rules. */
  readonly crdsVersion?: string;
  readonly steps?: Readonly<Record<string, StepState>>;
  readonly softwareVersion?: string;
  readonly softwareRevision?: string;
  /** W3C trace id of the exposure, 32 hex digits. */
  readonly traceId?: string;
  /** Options that differ from their defaults: `dark.skip` → true. */
  readonly options?: Readonly<Record<string, FitsValue>>;
  /** Association: pool and table. */
  readonly association?: { readonly pool?: string | undefined; readonly table?: string | undefined };
  readonly fileName?: string;
  readonly dataModel?: string;
}

const OPTION = 'Option ';

/**
 * Writes provenance into a primary header, in place, replacing what was there: CAL_VER, CAL_VCS, CRDS_CTX,
 * CRDS_VER, R_… (`crds://file` or N/A), S_…, INPUT001…, TRACEID, ASNPOOL, ASNTABLE, DATE, FILENAME, DATAMODL;
 * options go into HISTORY as `Option name = value`. ORIGIN, TELESCOP and INSTRUME are filled in where missing.
 * What is not given is left as it is.
 */
export function writeProvenance(header: Header, record: Provenance): Header {
  const put = (keyword: string, value: string | undefined, comment: string) => {
    if (value !== undefined) header.set(keyword, value, comment);
  };
  const fill = (keyword: string, value: string, comment: string) => {
    if (!header.has(keyword)) header.set(keyword, value, comment);
  };
  fill('TELESCOP', 'TMT', 'telescope');
  fill('INSTRUME', 'IRIS', 'instrument');
  fill('ORIGIN', 'TMT', 'organization responsible for the file');
  put('DATE', new Date().toISOString().slice(0, 23), 'UTC date of creation');
  put('FILENAME', record.fileName, 'name of the file');
  put('DATAMODL', record.dataModel, 'type of data model');
  put('CAL_VER', record.softwareVersion, 'version of the reduction software');
  put('CAL_VCS', record.softwareRevision, 'revision of the reduction software');
  put('TRACEID', record.traceId, 'trace id of the exposure');
  put('ASNPOOL', record.association?.pool, 'association pool');
  put('ASNTABLE', record.association?.table, 'association table');
  for (const [step, state] of Object.entries(record.steps ?? {}))
    put(stepKeyword(step), state, `step ${step}`);
  writeReferences(header, record);
  if (record.inputs) writeInputs(header, record.inputs);
  for (const [name, value] of Object.entries(record.options ?? {})) {
    header.history(
      `${OPTION}${name} = ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v))}`,
    );
  }
  return header;
}

function writeReferences(header: Header, { references = [], context, crdsVersion }: Provenance): void {
  for (const { type, file } of references) {
    const name = file === undefined || /^n\/a$/i.test(file) ? 'N/A' : `crds://${file.replace(/^.*\//, '')}`;
    header.set(referenceKeyword(type), name, `${type} reference`);
  }
  if (references.length === 0) return;
  if (context !== undefined) header.set('CRDS_CTX', context, 'context that chose the references');
  if (crdsVersion !== undefined) header.set('CRDS_VER', crdsVersion, 'version of the reference matcher');
}

const inputKeyword = (index: number): string => `INPUT${String(index + 1).padStart(3, '0')}`;

function writeInputs(header: Header, inputs: readonly string[]): void {
  for (const keyword of header.keywords()) if (/^INPUT\d{3,}$/.test(keyword)) header.delete(keyword);
  for (const [index, input] of inputs.entries()) {
    header.set(inputKeyword(index), input.replace(/^.*\//, ''), `input ${index + 1}`);
  }
}

/** State of a step by any of its names; undefined when the header doesn't tell. liger's S_SKYSUB etc. are read. */
export function stepState(header: Header, step: string): StepState | undefined {
  const keyword = stepKeyword(step);
  for (const candidate of [keyword, ...(ELSEWHERE[keyword] ?? [])]) {
    const value = header.get(candidate);
    if (value === 'COMPLETE' || value === 'SKIPPED' || value === 'FAILED') return value;
  }
  return undefined;
}

/** Keywords that liger_iris_pipeline uses where ours follow JWST. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  S_LINEAR: ['S_NLCORR'],
  S_RAMP: ['S_RAMPFI'],
  S_BKDSUB: ['S_SKYSUB'],
  S_SUPERB: ['S_BIAS'],
  S_PHOTOM: ['S_FLUXCL'],
};

/** Names of the input files that a header lists. */
export function inputsOf(header: Header): string[] {
  const inputs: string[] = [];
  for (let i = 0; ; i++) {
    const value = header.get(inputKeyword(i));
    if (typeof value !== 'string') return inputs;
    inputs.push(value.trim());
  }
}
