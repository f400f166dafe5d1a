import { type ConfigSpec, mergeSpecs, nestSpec, parseSpec, specOf } from '../config/spec.ts';
import { COMMON_OPTIONS } from '../spec.ts';
import type { StepDescription } from '../step.ts';
import { stepSections } from './class-entry.ts';
import { findClass, type KnownClass } from './classes.ts';

/** Options of every step and pipeline, as jwst's base class has them. */
const BASE_SPEC = mergeSpecs(
  parseSpec(`
pre_hooks          = list(default=list())        # List of Step classes to run before step
post_hooks         = list(default=list())        # List of Step classes to run after step
output_file        = output_file(default=None)   # File to save output to.
output_dir         = string(default=None)        # Directory path for output files
output_ext         = string(default='.fits')     # Default type of output
output_use_model   = boolean(default=False)      # When saving use \`DataModel.meta.filename\`
output_use_index   = boolean(default=True)       # Append index.
save_results       = boolean(default=False)      # Force save results
`),
  specOf(COMMON_OPTIONS),
  parseSpec(`
suffix             = string(default=None)        # Default suffix for output files
search_output_file = boolean(default=True)       # Use outputfile define in parent step
input_dir          = string(default=None)        # Input directory
`),
);

/** What a section of a pipeline's [steps] may also say. */
const SECTION_SPEC = parseSpec(`
config_file = string(default=None)
name        = string(default='')
class       = string(default='')
`);

/** Our own step of a name, where there is one. */
export type StepLookup = (name: string) => StepDescription | undefined;

const referenceTypesOf = (known: KnownClass, step: StepDescription | undefined): Set<string> =>
  new Set([
    ...known.referenceTypes,
    ...(step?.referenceTypes ?? []),
    ...(step?.optionalReferenceTypes ?? []),
  ]);

const overrides = (types: Iterable<string>): ConfigSpec => {
  const spec = parseSpec('');
  for (const type of types) {
    spec.scalars.set(`override_${type}`, 'is_string_or_datamodel(default=None)');
    spec.comments.set(`override_${type}`, { before: [], inline: `# Override the ${type} reference file` });
  }
  return spec;
};

/**
 * The whole spec of a class: base options, those of the class that users know, those of our step of that name (which
 * win), an override for each reference type and, of a pipeline, all that of each of its steps under [steps].
 */
export const classSpec = (known: KnownClass, steps: StepLookup): ConfigSpec => {
  const step = known.kind === 'step' ? steps(known.name) : undefined;
  const spec = mergeSpecs(
    BASE_SPEC,
    parseSpec(known.spec),
    step ? specOf(step.spec) : parseSpec(''),
    overrides(referenceTypesOf(known, step)),
  );
  if (!known.steps) return spec;
  const sections = parseSpec('');
  for (const [section, className] of Object.entries(stepSections(known))) {
    const inner = findClass(className)!;
    nestSpec(sections, section, mergeSpecs(classSpec(inner, steps), SECTION_SPEC));
  }
  nestSpec(spec, 'steps', sections);
  return spec;
};

/** Names of the sections of a pipeline's [steps], with the step of ours that each stands for. */
export const stepNames = (known: KnownClass): Map<string, string> =>
  new Map(Object.entries(stepSections(known)).map(([section, name]) => [section, findClass(name)!.name]));
