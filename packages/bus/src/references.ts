/** Stands in until the crds room's interface lands; same names. */
export interface ReferenceSource {
  best(
    header: Readonly<Record<string, string>>,
    types: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}
