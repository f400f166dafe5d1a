import { keywordsFromTelemetry } from '@iris-drs/datamodels';
import type { Keyword } from '@iris-drs/proto';
import {
  DETECTORS,
  type Detector,
  expectedDetectors,
  type TelemetrySnapshot,
  telemetryEvent,
} from '@iris-drs/tmt';
import { type ExposureRecord, takesKeywords } from './record.ts';
import type { SetKeywords } from './settings.ts';

const keywordValue = (raw: string | number | boolean): Keyword['value'] =>
  typeof raw === 'boolean'
    ? { $case: 'flag', value: raw }
    : typeof raw === 'number'
      ? { $case: 'number', value: raw }
      : { $case: 'text', value: raw };

/** Keywords of one detector from the telemetry as it stands, those that commands have set first. */
const keywordsOf = (telemetry: TelemetrySnapshot, detector: Detector, set: SetKeywords): Keyword[] => {
  const { keywords } = keywordsFromTelemetry((key, parameter) => {
    const event = telemetryEvent(telemetry, key);
    const values = event?.parameters[parameter]?.values;
    if (!event || !values) return undefined;
    return { value: values.length === 1 ? values[0] : values, time: event.time };
  }, detector);
  const commanded = Object.entries(set).map(([name, given]) => ({
    name,
    value: keywordValue(given),
    comment: 'set by command',
    source: 'command',
  }));
  const told = keywords
    .filter(({ name }) => !Object.hasOwn(set, name))
    .map(({ name, value, comment, source, time }) => ({
      name,
      value: keywordValue(value),
      comment,
      source: `${source} ${time}`,
    }));
  return [...commanded, ...told];
};

/** Detectors that an exposure may bring: the one its id names, those in use, or all of the imager's. */
const detectorsOf = (record: ExposureRecord): readonly Detector[] =>
  expectedDetectors(record.exposure) ?? DETECTORS.filter((detector) => detector !== 'IFS');

/** Adds the keywords that were silent so far. At the start the values of the start, at the end the missing ones. */
export const withSnapshot = (
  record: ExposureRecord,
  telemetry: TelemetrySnapshot,
  set: SetKeywords,
  detectors: readonly Detector[] = detectorsOf(record),
): ExposureRecord => {
  const keywords: Record<string, readonly Keyword[]> = { ...record.keywords };
  for (const detector of detectors) {
    if (!takesKeywords(record, detector)) continue;
    const before = keywords[detector] ?? [];
    const known = new Set(before.map(({ name }) => name));
    const added = keywordsOf(telemetry, detector, set).filter(({ name }) => !known.has(name));
    if (added.length > 0) keywords[detector] = [...before, ...added];
  }
  return { ...record, keywords };
};
