/**
 * Class names that users have in their .cfg files and on their command lines, and what they stand for here.
 *
 * Sources: iris_pipeline 0.2.0 (manual, chapter 16) to 0.5 (bce4533), liger_iris_pipeline (3d0ac2e), jwst 0.17 for
 * the three steps that iris_pipeline takes from there. `spec` holds every option of those classes, so that old files
 * are accepted whole; options that our step lacks are reported as without effect.
 */
export interface ClassEntry {
  /** Pipeline or step of ours. */
  readonly name: string;
  readonly kind: 'pipeline' | 'step';
  /** Full names; the part behind the last dot alone is known too. */
  readonly classes: readonly string[];
  /** stpipe's class aliases. */
  readonly aliases: readonly string[];
  readonly spec: string;
  readonly referenceTypes: readonly string[];
  /** Of a pipeline, in order: name of the section, full name of the class. */
  readonly steps?: Readonly<Record<string, string>>;
  /** Further steps that ours has and the class of that name had not; they may be configured like the others. */
  readonly extraSteps?: Readonly<Record<string, string>>;
}

/** Sections of a pipeline's [steps], in order, with the class that each stands for. */
export const stepSections = ({
  steps,
  extraSteps,
}: Pick<ClassEntry, 'steps' | 'extraSteps'>): Readonly<Record<string, string>> => ({
  ...steps,
  ...extraSteps,
});

/** The full names of a class that can be reached through several modules. */
export const named = (name: string, ...modules: readonly string[]): string[] =>
  modules.map((module) => `${module}.${name}`);
