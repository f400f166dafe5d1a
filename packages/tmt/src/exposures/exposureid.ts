import { shown, TmtError } from '../errors.ts';
import { parseInstant } from '../instant.ts';

/** What an exposure is for. Source: tmtsoftware/csw, `TYPLevel.scala`. */
const EXPOSURE_TYPES = [
  'SCI',
  'CAL',
  'ARC',
  'IDP',
  'DRK',
  'MDK',
  'FFD',
  'NFF',
  'BIA',
  'TEL',
  'FLX',
  'SKY',
] as const;
export type ExposureType = (typeof EXPOSURE_TYPES)[number];

/**
 * The name of one exposure: of an observation (`2031A-001-123-IRIS-IMG-SCI0-0001`) or standalone
 * (`20310314-092823-IRIS-IMG2-DRK0-0007`), with an optional sub-array at the end (`-01`).
 */
export interface ExposureId {
  /** Observation, normalised; absent for standalone ids. */
  readonly obsId?: string;
  /** UTC of a standalone id, `YYYYMMDD-HHMMSS`. */
  readonly utc?: string;
  readonly subsystem: string;
  readonly detector: string;
  readonly type: ExposureType;
  /** 0 raw … 4 after-analysis product. */
  readonly level: number;
  /** 0 to 9999 in CSW; up to 99999 in the IRIS ICD. */
  readonly number: number;
  /** 0 to 99. */
  readonly subarray?: number;
}

/**
 * Reads an exposure id. Subsystem, type and semester letter may be in any case. CSW also reads ids without
 * observation and date, giving them the present time; such ids name something else at each reading and are
 * refused. Numbers have four digits; five, as CSW prints numbers above 9999, are read as well.
 *
 * @throws TmtError BAD_EXPOSURE_ID, SHORT_EXPOSURE_ID, BAD_OBS_ID
 * @see tmtsoftware/csw `ExposureIdType.scala`
 */
export function parseExposureId(text: string): ExposureId {
  const tokens = text.split('-');
  const ofObservation = tokens[0]?.length === 5;
  const count = tokens.length;
  if (count === 4 || count === 5) {
    throw new TmtError(
      'SHORT_EXPOSURE_ID',
      `exposure id ${shown(text)} has neither observation nor date, so it cannot name data; expected ${FORMS}`,
    );
  }
  if (count === 8 || (count === 7 && ofObservation)) {
    const [semester = '', program = '', observation = '', ...core] = tokens;
    return { obsId: obsIdOfTokens(semester, program, observation, text), ...readCore(core, text) };
  }
  if ((count === 6 || count === 7) && !ofObservation) {
    const [date = '', time = '', ...core] = tokens;
    return { utc: readUtc(date, time, text), ...readCore(core, text) };
  }
  throw bad(text, `it has ${count} parts`);
}

/** Text of an exposure id, upper case and zero-padded. */
export function formatExposureId(id: ExposureId): string {
  const number = String(id.number).padStart(4, '0');
  const subarray = id.subarray === undefined ? '' : `-${String(id.subarray).padStart(2, '0')}`;
  return `${id.obsId ?? id.utc}-${id.subsystem}-${id.detector}-${id.type}${id.level}-${number}${subarray}`;
}

/** The one spelling under which an exposure is known. @throws TmtError as {@link parseExposureId} */
export const normaliseExposureId = (text: string): string => formatExposureId(parseExposureId(text));

/** Observation of an exposure; undefined for standalone exposures. @throws TmtError as {@link parseExposureId} */
export const obsIdOf = (exposureId: string): string | undefined => parseExposureId(exposureId).obsId;

/** UT date (`YYYYMMDD`) that a standalone id carries; undefined for ids of an observation. */
export const utDateOf = (exposureId: string): string | undefined =>
  parseExposureId(exposureId).utc?.slice(0, 8);

/** The id with another detector, as names of files have it. @throws TmtError as {@link parseExposureId} */
export function withDetector(exposureId: string, detector: string): string {
  const id = parseExposureId(exposureId);
  if (!DETECTOR_NAME.test(detector)) throw bad(exposureId, `the detector given is ${shown(detector)}`);
  return formatExposureId({ ...id, detector });
}

/** An observation id in its one spelling, `2031A-001-123`. @throws TmtError BAD_OBS_ID */
export function normaliseObsId(text: string): string {
  const [semester = '', program = '', observation = '', ...rest] = text.split('-');
  if (rest.length > 0) throw badObsId(text);
  return obsIdOfTokens(semester, program, observation, text);
}

const FORMS = '"2031A-001-123-IRIS-IMG-SCI0-0001" or "20310314-092823-IRIS-IMG-SCI0-0001"';
const DETECTOR_NAME = /^[A-Za-z0-9_]{1,32}$/;

function obsIdOfTokens(semester: string, program: string, observation: string, text: string): string {
  const numbers = [program, observation].map((digits) => (/^\d{1,9}$/.test(digits) ? Number(digits) : 0));
  const inRange = numbers.every((number) => number >= 1 && number <= 999);
  if (!/^\d{4}[AB]$/i.test(semester) || !inRange) throw badObsId(text);
  return [semester.toUpperCase(), ...numbers.map((number) => String(number).padStart(3, '0'))].join('-');
}

function readUtc(date: string, time: string, text: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/.exec(`${date}-${time}`);
  const [, year, month, day, hour, minute, second] = match ?? [];
  try {
    parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  } catch (cause) {
    throw bad(text, `its date and time are ${shown(`${date}-${time}`)}, not UTC as YYYYMMDD-HHMMSS`, cause);
  }
  return `${date}-${time}`;
}

function readCore(tokens: readonly string[], text: string): Omit<ExposureId, 'obsId' | 'utc'> {
  const [subsystem = '', detector = '', typeAndLevel = '', digits = '', subarray] = tokens;
  if (!/^[A-Za-z0-9]{1,16}$/.test(subsystem)) throw bad(text, `its subsystem is ${shown(subsystem)}`);
  if (!DETECTOR_NAME.test(detector)) throw bad(text, `its detector is ${shown(detector)}`);
  const typeName = typeAndLevel.slice(0, -1).toUpperCase();
  const type = EXPOSURE_TYPES.find((candidate) => candidate === typeName);
  const level = typeAndLevel.slice(-1);
  if (!type || !/^[0-4]$/.test(level)) {
    throw bad(
      text,
      `its type and level are ${shown(typeAndLevel)}, not one of ${EXPOSURE_TYPES.join(' ')} and 0 to 4`,
    );
  }
  if (!/^(\d{4}|[1-9]\d{4})$/.test(digits)) {
    throw bad(text, `its number is ${shown(digits)}, not four digits`);
  }
  if (subarray !== undefined && !/^\d\d$/.test(subarray)) {
    throw bad(text, `its sub-array is ${shown(subarray)}, not two digits`);
  }
  return {
    subsystem: subsystem.toUpperCase(),
    detector,
    type,
    level: Number(level),
    number: Number(digits),
    ...(subarray === undefined ? {} : { subarray: Number(subarray) }),
  };
}

const bad = (text: string, why: string, cause?: unknown): TmtError =>
  new TmtError('BAD_EXPOSURE_ID', `exposure id ${shown(text)}: ${why}; expected ${FORMS}`, { cause });

const badObsId = (text: string): TmtError =>
  new TmtError(
    'BAD_OBS_ID',
    `observation id ${shown(text)}; expected <year>A or B, program and observation 1 to 999, as in "2031A-001-123"`,
  );
