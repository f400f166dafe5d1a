import type { ConfigSection, ConfigValue } from './section.ts';

const valueText = (value: ConfigValue): string => {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return JSON.stringify(value);
};

/**
 * JSON text of a configuration: values, then sections, each in their order. Not finite numbers become null.
 * Written key by key, so that names such as `1` or `__proto__` keep their place and meaning.
 */
export const configToJson = (section: ConfigSection, indent = 0): string => {
  const entries = [
    ...[...section.scalars].map(([key, value]) => `${JSON.stringify(key)}: ${valueText(value)}`),
    ...[...section.sections].map(
      ([key, inner]) => `${JSON.stringify(key)}: ${configToJson(inner, indent && indent + 2)}`,
    ),
  ];
  if (entries.length === 0) return '{}';
  if (indent === 0) return `{${entries.join(', ')}}`;
  const margin = ' '.repeat(indent);
  return `{\n${entries.map((entry) => margin + entry).join(',\n')}\n${' '.repeat(indent - 2)}}`;
};
