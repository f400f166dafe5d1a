/** What the rules answer for one reference type. */
export type BestReference =
  | { readonly type: string; readonly answer: 'file'; readonly file: string }
  /** The rules say that no such reference applies: the step that wants it is skipped. */
  | { readonly type: string; readonly answer: 'notApplicable'; readonly reason: string }
  /** The rules have no answer. `kind` is the name of the CRDS error ("MatchingError", "ValidationError" …). */
  | { readonly type: string; readonly answer: 'error'; readonly kind: string; readonly message: string };

/** Where steps get their references from: a CRDS cache directory, or the reference service. */
export interface ReferenceSource {
  /** Name of the context (.pmap) that decides: goes into CRDS_CTX. */
  context(): Promise<string>;
  /**
   * Best reference of each type, in the order of `types`.
   * @param header  CRDS parameter names or FITS keywords to values
   */
  best(header: Readonly<Record<string, string>>, types: readonly string[]): Promise<BestReference[]>;
  /** Absolute local path of a reference file. */
  fetch(file: string): Promise<string>;
}
