import type { CswEvent } from '../events/model.ts';
import { numberParam, stringParam } from '../events/params.ts';
import { type Detector, detectorNamed } from '../exposures/detectors.ts';
import { formatExposureId, normaliseObsId, parseExposureId } from '../exposures/exposureid.ts';

/** Which exposure an event speaks of. */
export interface Subject {
  readonly exposureId?: string;
  readonly composedId?: true;
  readonly obsId?: string;
  readonly detector?: Detector;
}

/**
 * Exposure, observation and detector of an event.
 *
 * CSW's own events carry `exposureId`. The IRIS dialects carry `obsId` and the number `exposure` instead;
 * their exposure is `<obsId>-IRIS-<IMG|IFS>-SCI0-NNNN`, where IMG stands for all four imager detectors, so
 * that their events meet in one exposure. IMG or IFS follow from the event's `detector`, else from the
 * publisher's name. An empty obsId (standalone exposures) leaves the exposure unnamed: the time in a
 * standalone id cannot be told from one event.
 *
 * @returns undefined when the event is about another instrument or a camera that is not a science detector
 * @throws TmtError BAD_EXPOSURE_ID, SHORT_EXPOSURE_ID, BAD_OBS_ID
 */
export function subjectOf(event: CswEvent): Subject | undefined {
  const detectorText = stringParam(event, 'detector') ?? numberParam(event, 'detector');
  const named = detectorText === undefined ? undefined : detectorNamed(detectorText);
  if (detectorText !== undefined && !named) return undefined;
  const detector = named && !named.whole ? { detector: named.detector } : {};

  const given = stringParam(event, 'exposureId');
  if (given !== undefined) {
    const id = parseExposureId(given);
    if (id.subsystem !== 'IRIS') return undefined;
    return {
      exposureId: formatExposureId(id),
      ...(id.obsId === undefined ? {} : { obsId: id.obsId }),
      ...detector,
    };
  }

  const number = numberParam(event, 'exposure');
  const obs = observation(stringParam(event, 'obsId')?.trim(), number !== undefined);
  const publisher = publisherDetector(event.source);
  const group = named ?? publisher;
  const ifs = group?.detector === 'IFS' ? { detector: group.detector } : {};
  const about = { ...obs, ...detector, ...ifs };
  if (number === undefined || obs.obsId === undefined || !group || !isExposureNumber(number)) return about;
  const exposureId = formatExposureId({
    obsId: obs.obsId,
    subsystem: 'IRIS',
    detector: group.detector === 'IFS' ? 'IFS' : 'IMG',
    type: 'SCI',
    level: 0,
    number,
  });
  return { ...about, exposureId, composedId: true };
}

/** A malformed observation matters only where an exposure is named by it; sequencers may use any text. */
function observation(text: string | undefined, namesExposure: boolean): { obsId?: string } {
  if (!text) return {};
  try {
    return { obsId: normaliseObsId(text) };
  } catch (error) {
    if (namesExposure) throw error;
    return {};
  }
}

/** The IRIS ICD counts exposures from 0 to 99999. */
const isExposureNumber = (number: number): boolean =>
  Number.isInteger(number) && number >= 0 && number <= 99_999;

/** Detector that the name of an IRIS component tells: `IRIS.imager.detector`, `IRIS.ifs.detector`. */
export function publisherDetector(source: string): ReturnType<typeof detectorNamed> {
  const [subsystem, ...component] = source.split('.');
  if (subsystem?.toUpperCase() !== 'IRIS') return undefined;
  return component
    .filter((token) => !/^\d+$/.test(token))
    .map(detectorNamed)
    .find((found) => found !== undefined);
}
