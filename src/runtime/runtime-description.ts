import type { MessageInitShape } from '@bufbuild/protobuf';
import type { StatusResponseSchema, VersionResponseSchema } from '../cri/gen/runtime/v1/api_pb.ts';

const noIsolation =
  'containers are plain child processes of this machine: no isolation, no images, no limits';

/** The answer to Version. The part behind the + tells whoever only sees the version what this is. */
export const runtimeVersion = {
  version: '0.1.0',
  runtimeName: 'plegd-embedded',
  runtimeVersion: '0.1.0+no-isolation',
  runtimeApiVersion: 'v1',
} satisfies MessageInitShape<typeof VersionResponseSchema>;

/** The answer to Status: always ready, and honest about what it is. */
export const describeRuntime = (verbose: boolean): MessageInitShape<typeof StatusResponseSchema> => ({
  status: {
    conditions: [
      { type: 'RuntimeReady', status: true, reason: 'NoIsolation', message: noIsolation },
      {
        type: 'NetworkReady',
        status: true,
        reason: 'NoIsolation',
        message: 'every pod shares the network of this machine',
      },
    ],
  },
  runtimeHandlers: [{ name: '' }],
  info: verbose ? { config: JSON.stringify({ isolation: 'none' }) } : {},
});
