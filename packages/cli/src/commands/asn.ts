import { CliError } from '../errors.ts';
import { checkAssociations } from './asn/check.ts';
import { writeAssociations } from './asn/make.ts';
import { reasonOf } from './refs/failures.ts';

export const usage =
  'asn FILE… [--rule image2|image3] [--output DIR|-] [--product NAME] [--force] | asn check ASSOCIATION… [--json]';
export const summary =
  'make associations of frames for run, as JSON: image2 gives a product of each science frame with the skies that ' +
  'serve it (same observation, mode, detector, filter, scale and exposure time; nearest in time first), image3 one of ' +
  'all frames of a target and filter; a file <observation>_<rule>_asn.json for each observation, in DIR or here. check ' +
  'tells whether an association can be used and its members are there';

export const run = async ([first, ...args]: readonly string[]): Promise<number> => {
  try {
    if (first === 'check') return await checkAssociations(args, usage);
    return await writeAssociations(first === undefined ? [] : [first, ...args], usage);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(1, reasonOf(error), error);
  }
};
