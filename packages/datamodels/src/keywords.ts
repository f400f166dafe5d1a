/** Metadata keywords and where each comes from: header of the reads, telemetry, or computed. */
import type { FitsValue } from '@iris-drs/fits';
import table from './keywords.json' with { type: 'json' };

/** Where in the telemetry a keyword's value is. */
export interface TelemetrySource {
  /** Event key: `TCS.cmIRIS.positionAngle`. */
  readonly event: string;
  readonly param: string;
  /** Element of an array value. */
  readonly index?: number;
  /** Detectors it holds for; both when absent. */
  readonly channel?: 'imager' | 'ifs';
  /** An array value has one element for each imager detector, IMG1 first. */
  readonly perDetector?: true;
}

export interface KeywordRule {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly unit?: string;
  readonly comment: string;
  /** `reads`: header of the reads. `telemetry`: `sources`, the first that answers. `computed`: written by the software. */
  readonly from: 'reads' | 'telemetry' | 'computed';
  readonly sources?: readonly TelemetrySource[];
}

/** Every keyword of iris_pipeline, liger_iris_pipeline, IRIS's own list and the DMS FITS dictionary. */
export const KEYWORDS: readonly KeywordRule[] = table as readonly KeywordRule[];

/** Event keys that some keyword needs. */
export const TELEMETRY_EVENTS: readonly string[] = [
  ...new Set(KEYWORDS.flatMap((rule) => (rule.sources ?? []).map((source) => source.event))),
].sort();

/** Value of a parameter as the event carried it, and the event's time. */
export interface TelemetryValue {
  readonly value: unknown;
  /** ISO 8601, UTC. */
  readonly time: string;
}

export interface TelemetryKeyword {
  readonly name: string;
  readonly value: Exclude<FitsValue, bigint | null>;
  readonly comment: string;
  /** `event/param`, with `[index]` where one was taken. */
  readonly source: string;
  readonly time: string;
}

/**
 * The keywords that a telemetry snapshot gives. Arrays without an index become text, elements separated by
 * spaces. A keyword whose sources are all silent, or hold nothing that a header can, is in `missing`.
 *
 * @param lookup   latest value of a parameter of an event
 * @param detector  IMG1 … IMG4 or IFS; keywords that only the other channel has are neither given nor missing
 */
export function keywordsFromTelemetry(
  lookup: (eventKey: string, param: string) => TelemetryValue | undefined,
  detector = 'IMG1',
): { readonly keywords: TelemetryKeyword[]; readonly missing: string[] } {
  const keywords: TelemetryKeyword[] = [];
  const missing: string[] = [];
  const imager = /^IMG([1-4])$/.exec(detector);
  const channel = imager ? 'imager' : 'ifs';
  for (const rule of KEYWORDS) {
    const sources = (rule.sources ?? []).filter((source) => (source.channel ?? channel) === channel);
    if (rule.from !== 'telemetry' || sources.length === 0) continue;
    const found = firstOf(rule, sources, lookup, imager ? Number(imager[1]) - 1 : 0);
    if (found) keywords.push(found);
    else missing.push(rule.name);
  }
  return { keywords, missing };
}

function firstOf(
  rule: KeywordRule,
  sources: readonly TelemetrySource[],
  lookup: (eventKey: string, param: string) => TelemetryValue | undefined,
  detectorIndex: number,
): TelemetryKeyword | undefined {
  for (const { event, param, index: element, perDetector } of sources) {
    const answer = lookup(event, param);
    if (answer === undefined) continue;
    const index = perDetector && (elements(answer.value)?.length ?? 0) > 1 ? detectorIndex : element;
    const value = headerValue(pick(answer.value, index), rule.type);
    if (value === undefined) continue;
    const source = `${event}/${param}${index === undefined ? '' : `[${index}]`}`;
    const unit = rule.unit ? `[${rule.unit}] ` : '';
    return { name: rule.name, value, comment: `${unit}${rule.comment}`, source, time: answer.time };
  }
  return undefined;
}

function pick(value: unknown, index: number | undefined): unknown {
  const list = elements(value);
  if (list === undefined) return index === undefined || index === 0 ? value : undefined;
  if (index !== undefined) return list[index];
  return list.length === 1 ? list[0] : list;
}

function elements(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as Float64Array)
    : undefined;
}

function headerValue(value: unknown, type: KeywordRule['type']): TelemetryKeyword['value'] | undefined {
  const list = elements(value);
  if (list !== undefined) {
    const words = list.map((item) => headerValue(item, 'string'));
    return list.length > 0 && words.every((word) => word !== undefined) ? words.join(' ') : undefined;
  }
  if (typeof value === 'bigint') return headerValue(Number(value), type);
  if (typeof value === 'boolean') return type === 'string' ? (value ? 'T' : 'F') : value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined;
    return type === 'string' ? String(value) : value;
  }
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return printable(value.trim());
}

/** FITS holds printable ASCII only. */
const printable = (text: string): string => text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '');
