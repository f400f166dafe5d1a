import { type CertifyFinding, type HistoryEntry, ingest, NotCertified } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { ACCOUNT_FLAGS, accountOf } from './account.ts';
import { CACHE_FLAGS, cacheDirectory } from './cache.ts';
import { findingText } from './certify.ts';
import { entryText } from './entries.ts';
import { sendIngest } from './ingest-remote.ts';

export interface IngestOutcome {
  readonly entry: HistoryEntry;
  readonly changed: boolean;
  readonly findings: readonly CertifyFinding[];
}

const tellFindings = (findings: readonly CertifyFinding[]): void => {
  for (const finding of findings) process.stderr.write(`drs: ${finding.file}:${findingText(finding)}`);
};

/**
 * `drs refs ingest FILE…`: certifies references, makes the context that answers them and puts it in force; all of it
 * or nothing.
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      ...CACHE_FLAGS,
      ...ACCOUNT_FLAGS,
      remote: { type: 'string' },
      type: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a reference file is needed\nusage: drs ${usage}`);
  const type = values.type?.toLowerCase();
  const request = {
    ...accountOf(values, usage),
    dryRun: values['dry-run'] ?? false,
    references: positionals.map((path) => ({ path, ...(type === undefined ? {} : { type }) })),
  };
  try {
    const { entry, changed, findings }: IngestOutcome =
      values.remote === undefined
        ? await ingest(cacheDirectory(values), request)
        : await sendIngest(values.remote, request);
    if (values.json) await print(`${JSON.stringify({ changed, entry, findings })}\n`);
    else {
      tellFindings(findings);
      if (!changed) await print(`${entry.to} has these references already; nothing was changed\n`);
      else await print(`${request.dryRun ? 'would be done:\n' : ''}${entryText(entry)}`);
    }
    return 0;
  } catch (error) {
    // A single finding is what the error itself says.
    if (error instanceof NotCertified && error.findings.length > 1) tellFindings(error.findings);
    throw error;
  }
};
