import type { ReferenceRule } from '../rule.ts';
import { dark } from './dark.ts';

const RULES: ReadonlyMap<string, ReferenceRule> = new Map([dark].map((rule) => [rule.type, rule]));

/** What a file of a type must be; undefined for types that are only known by name. */
export const ruleOf = (type: string): ReferenceRule | undefined => RULES.get(type.toLowerCase());

/** Parameters by which new rules for a type choose; undefined where its rule does not say. */
export const chosenBy = (type: string): readonly string[] | undefined => ruleOf(type)?.chosenBy;
