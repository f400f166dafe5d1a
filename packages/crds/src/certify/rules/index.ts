import type { ReferenceRule } from '../rule.ts';
import { adcmeta } from './adcmeta.ts';
import { arc } from './arc.ts';
import { bias } from './bias.ts';
import { dark } from './dark.ts';
import { dispersion } from './dispersion.ts';
import { distortion } from './distortion.ts';
import { drizpars } from './drizpars.ts';
import { envmeta } from './envmeta.ts';
import { fiber } from './fiber.ts';
import { flat } from './flat.ts';
import { fluxstar } from './fluxstar.ts';
import { gain } from './gain.ts';
import { instmeta } from './instmeta.ts';
import { ipc } from './ipc.ts';
import { linearity } from './linearity.ts';
import { mask } from './mask.ts';
import { nfirmeta } from './nfirmeta.ts';
import { nonlincoeff } from './nonlincoeff.ts';
import { photom } from './photom.ts';
import { pinhole } from './pinhole.ts';
import { psf } from './psf.ts';
import { psfmeta } from './psfmeta.ts';
import { rampdark } from './rampdark.ts';
import { readnoise } from './readnoise.ts';
import { rectmat } from './rectmat.ts';
import { saturation } from './saturation.ts';
import { sky } from './sky.ts';
import { superbias } from './superbias.ts';
import { telluric } from './telluric.ts';
import { telmeta } from './telmeta.ts';
import { wavecal } from './wavecal.ts';
import { wavemap } from './wavemap.ts';

const ALL: readonly ReferenceRule[] = [
  adcmeta,
  arc,
  bias,
  dark,
  dispersion,
  distortion,
  drizpars,
  envmeta,
  fiber,
  flat,
  fluxstar,
  gain,
  instmeta,
  ipc,
  linearity,
  mask,
  nfirmeta,
  nonlincoeff,
  photom,
  pinhole,
  psf,
  psfmeta,
  rampdark,
  readnoise,
  rectmat,
  saturation,
  sky,
  superbias,
  telluric,
  telmeta,
  wavecal,
  wavemap,
];

const RULES: ReadonlyMap<string, ReferenceRule> = new Map(ALL.map((rule) => [rule.type, rule]));

/** What a file of a type must be; undefined for types that are only known by name. */
export const ruleOf = (type: string): ReferenceRule | undefined => RULES.get(type.toLowerCase());

/** Types that have a rule. */
export const certifiedTypes = (): string[] => [...RULES.keys()];

/** Parameters by which new rules for a type choose; undefined where its rule does not say. */
export const chosenBy = (type: string): readonly string[] | undefined => ruleOf(type)?.chosenBy;
