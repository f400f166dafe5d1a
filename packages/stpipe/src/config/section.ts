/** A value of a configuration: texts and lists of texts as read, typed ones once a spec was applied. */
export type ConfigValue = string | number | bigint | boolean | null | readonly ConfigValue[];

/** Comment lines that stand before an entry, and the one at the end of its line; with their `#`. */
export interface EntryComments {
  readonly before: readonly string[];
  readonly inline: string;
}

/** One section: its values, then its sections, each in the order of the file, as ConfigObj iterates. */
export interface ConfigSection {
  /** null for the top level. */
  readonly name: string | null;
  /** 0 for the top level. */
  readonly depth: number;
  readonly parent: ConfigSection | undefined;
  readonly scalars: Map<string, ConfigValue>;
  readonly sections: Map<string, ConfigSection>;
  readonly comments: Map<string, EntryComments>;
}

/** A new section, entered in its parent. */
export const addSection = (
  parent: ConfigSection | undefined,
  name: string | null,
  comments?: EntryComments,
): ConfigSection => {
  const section: ConfigSection = {
    name,
    depth: parent ? parent.depth + 1 : 0,
    parent,
    scalars: new Map(),
    sections: new Map(),
    comments: new Map(),
  };
  if (parent && name !== null) {
    parent.sections.set(name, section);
    if (comments) parent.comments.set(name, comments);
  }
  return section;
};

export const emptyConfig = (): ConfigSection => addSection(undefined, null);

export const hasEntry = (section: ConfigSection, key: string): boolean =>
  section.scalars.has(key) || section.sections.has(key);

/**
 * Puts every entry of `from` into `into`, section by section; values of `from` win. A value replaces a section of
 * the same name and the other way round.
 */
export const mergeSections = (into: ConfigSection, from: ConfigSection): void => {
  for (const [key, value] of from.scalars) {
    into.sections.delete(key);
    into.scalars.set(key, value);
    const comments = from.comments.get(key);
    if (comments) into.comments.set(key, comments);
  }
  for (const [key, section] of from.sections) {
    into.scalars.delete(key);
    const target = into.sections.get(key) ?? addSection(into, key, from.comments.get(key));
    mergeSections(target, section);
  }
};
