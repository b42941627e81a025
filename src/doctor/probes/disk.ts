import { stat } from 'node:fs/promises';
import type { DiskFact } from '../facts.ts';
import type { Host } from '../host.ts';
import { UnseenError } from '../seen.ts';

/** Where the runtimes keep their data and their state unless told otherwise. */
const usualPlaces: Readonly<Record<string, readonly string[]>> = {
  containerd: ['/var/lib/containerd', '/run/containerd'],
  'cri-o': ['/var/lib/containers/storage', '/run/containers/storage'],
  docker: ['/var/lib/docker', '/run/docker'],
};

/**
 * Room on the file systems that the runtime writes to.
 *
 * @param root where the runtime's open files show its data to be
 */
export const lookAtDisk = async (
  { fileSystemSize }: Pick<Host, 'fileSystemSize'>,
  runtimeName: string,
  root: string | undefined,
): Promise<DiskFact[]> => {
  const usual = usualPlaces[runtimeName] ?? [];
  const facts: DiskFact[] = [];
  for (const path of root === undefined ? usual : [root, ...usual.slice(1)]) {
    if (!(await stat(path).catch(() => undefined))) continue;
    facts.push({ path, ...(await fileSystemSize(path)) });
  }
  if (facts.length === 0)
    throw new UnseenError(`nobody knows where ${runtimeName || 'the runtime'} keeps its data`);
  return facts;
};
