import { statSync } from 'node:fs';

export const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const ADDRESS = /^[\w.-]+:\d+$|^\[[\da-f:]+\]:\d+$|^unix:/i;

/** Whether an argument behind `--remote` is its value: addresses, or a directory, which no input is. */
export const namesServices = (text: string): boolean =>
  text.split(',').every((part) => ADDRESS.test(part)) || isDirectory(text);
