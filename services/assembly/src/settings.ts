/** What commands and the sequence around the exposures have set. Plain JSON; every function gives a new object. */
export interface Settings {
  /** Parts held back by STOP, as `readout-imager`. */
  readonly held: readonly string[];
  readonly observer: SetKeywords;
  /** By observation id, the latest last. */
  readonly observations: Readonly<Record<string, ObservationSettings>>;
}

export type SetKeywords = Readonly<Record<string, string | number>>;

export interface ObservationSettings {
  readonly keywords: SetKeywords;
  /** Why no further sky is to be expected, and since when. */
  readonly skyless?: { readonly reason: string; readonly sinceMillis: number };
}

/** Enough for a night and the next; older observations are forgotten. */
const MOST_OBSERVATIONS = 200;

export const NO_SETTINGS: Settings = { held: [], observer: {}, observations: {} };

const withObservation = (settings: Settings, obsId: string, change: ObservationSettings): Settings => {
  const { [obsId]: _before, ...others } = settings.observations;
  const entries = [...Object.entries(others), [obsId, change] as const];
  return { ...settings, observations: Object.fromEntries(entries.slice(-MOST_OBSERVATIONS)) };
};

/** An observation block as it was configured: its target, and whether it has sky positions. */
export const configured = (
  settings: Settings,
  obsId: string,
  keywords: SetKeywords,
  skyPositions: number,
  sinceMillis: number,
): Settings =>
  withObservation(settings, obsId, {
    keywords,
    ...(skyPositions === 0
      ? { skyless: { reason: 'the observation has no sky positions', sinceMillis } }
      : {}),
  });

/** The observation has ended: what has not been exposed by now never will be. */
export const ended = (settings: Settings, obsId: string, sinceMillis: number): Settings => {
  const before = settings.observations[obsId];
  if (before?.skyless) return settings;
  const skyless = { reason: 'the observation ended', sinceMillis };
  return withObservation(settings, obsId, { keywords: before?.keywords ?? {}, skyless });
};

/** The observation goes on: an end said earlier does not hold; what was configured does. */
export const resumed = (settings: Settings, obsId: string): Settings => {
  const before = settings.observations[obsId];
  if (before?.skyless?.reason !== 'the observation ended') return settings;
  return withObservation(settings, obsId, { keywords: before.keywords });
};

/** Keywords for the exposures of an observation. */
export const keywordsFor = (settings: Settings, obsId: string): SetKeywords => ({
  ...settings.observer,
  ...settings.observations[obsId]?.keywords,
});
