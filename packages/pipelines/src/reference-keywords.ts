import { writeProvenance } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';

const timeOf = (header: Header): string | undefined => {
  const [date, time] = [header.get('DATE-OBS'), header.get('TIME-OBS')];
  if (typeof date !== 'string') return undefined;
  if (date.includes('T')) return date;
  return `${date}T${typeof time === 'string' ? time : '00:00:00'}`;
};

/**
 * Says of a frame that it is a reference of a type: what reference rules and `drs refs certify` ask. What the header
 * has already stays.
 */
export const asReference = (header: Header, type: string, description: string): void => {
  writeProvenance(header, {});
  const fill = (keyword: string, value: string | undefined, comment: string): void => {
    if (value !== undefined && !header.has(keyword)) header.set(keyword, value, comment);
  };
  header.set('REFTYPE', type.toUpperCase(), 'type of reference');
  fill('USEAFTER', timeOf(header), 'serves exposures from then on');
  fill('AUTHOR', 'iris-drs', 'who made it');
  fill('PEDIGREE', 'GROUND', 'where its data come from');
  fill('DESCRIP', description, 'what it is');
};
