import { readFileSync } from 'node:fs';
import type { Volume } from '@iris-drs/bus';
import {
  type CacheLayout,
  type CertifyFinding,
  certifyMapping,
  certifyReference,
  isMappingName,
  type LocalReferences,
  locateMapping,
} from '@iris-drs/crds';
import type { CertifyRequest, CertifyResponse, Finding } from '@iris-drs/proto';

export const findingMessage = (finding: CertifyFinding): Finding => ({
  hdu: '',
  keyword: '',
  column: '',
  line: 0,
  found: '',
  expected: '',
  ...finding,
});

const mappingText = (layout: CacheLayout, file: string): string =>
  readFileSync(locateMapping(layout, file), 'utf8');

/** What is wrong with a file of the cache, by name, or with one on the volume, by path. */
export const certify = async (
  { subject, referenceType }: CertifyRequest,
  inForce: LocalReferences,
  volume: Volume,
): Promise<CertifyResponse> => {
  const type = referenceType || undefined;
  const find = async (): Promise<CertifyFinding[]> => {
    if (subject?.$case === 'path') return certifyReference(volume.existing(subject.value), type);
    const file = subject?.value ?? '';
    if (!isMappingName(file)) return certifyReference(await inForce.fetch(file), type);
    const layout = await inForce.loaded();
    return certifyMapping(mappingText(layout, file), file, (other) => mappingText(layout, other));
  };
  const findings = await find();
  return {
    passed: findings.every(({ severity }) => severity !== 'error'),
    findings: findings.map(findingMessage),
  };
};
