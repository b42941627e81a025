import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { file_runtime_v1_api } from '../../../src/cri/gen/runtime/v1/api_pb.ts';

/** Written down by hand from CRI v1, so that neither the .proto nor the generated code grades itself. */
const fields: readonly (readonly [message: string, declarations: readonly string[]])[] = [
  [
    'ContainerEventResponse',
    [
      'string container_id = 1',
      'ContainerEventType container_event_type = 2',
      'int64 created_at = 3',
      'PodSandboxStatus pod_sandbox_status = 4',
      'repeated ContainerStatus containers_statuses = 5',
    ],
  ],
  [
    'PodSandboxStatusResponse',
    [
      'PodSandboxStatus status = 1',
      'map<string, string> info = 2',
      'repeated ContainerStatus containers_statuses = 3',
      'int64 timestamp = 4',
    ],
  ],
  [
    'PodSandboxStatus',
    [
      'string id = 1',
      'PodSandboxMetadata metadata = 2',
      'PodSandboxState state = 3',
      'int64 created_at = 4',
      'PodSandboxNetworkStatus network = 5',
    ],
  ],
  ['PodSandboxNetworkStatus', ['string ip = 1', 'repeated PodIP additional_ips = 2']],
  ['PodSandboxMetadata', ['string name = 1', 'string uid = 2', 'string namespace = 3', 'uint32 attempt = 4']],
  [
    'ContainerStatus',
    [
      'string id = 1',
      'ContainerMetadata metadata = 2',
      'ContainerState state = 3',
      'int64 created_at = 4',
      'int64 started_at = 5',
      'int64 finished_at = 6',
      'int32 exit_code = 7',
      'ImageSpec image = 8',
      'string image_ref = 9',
      'string reason = 10',
      'string message = 11',
      'map<string, string> labels = 12',
      'map<string, string> annotations = 13',
      'string image_id = 17',
    ],
  ],
  [
    'Container',
    [
      'string id = 1',
      'string pod_sandbox_id = 2',
      'ContainerMetadata metadata = 3',
      'ImageSpec image = 4',
      'string image_ref = 5',
      'ContainerState state = 6',
      'int64 created_at = 7',
      'map<string, string> labels = 8',
      'map<string, string> annotations = 9',
    ],
  ],
  [
    'PodSandbox',
    [
      'string id = 1',
      'PodSandboxMetadata metadata = 2',
      'PodSandboxState state = 3',
      'int64 created_at = 4',
      'map<string, string> labels = 5',
      'map<string, string> annotations = 6',
    ],
  ],
  ['ListContainersResponse', ['repeated Container containers = 1']],
  ['ListPodSandboxResponse', ['repeated PodSandbox items = 1']],
];

const enums: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['PodSandboxState', ['SANDBOX_READY = 0', 'SANDBOX_NOTREADY = 1']],
  [
    'ContainerState',
    ['CONTAINER_CREATED = 0', 'CONTAINER_RUNNING = 1', 'CONTAINER_EXITED = 2', 'CONTAINER_UNKNOWN = 3'],
  ],
  [
    'ContainerEventType',
    [
      'CONTAINER_CREATED_EVENT = 0',
      'CONTAINER_STARTED_EVENT = 1',
      'CONTAINER_STOPPED_EVENT = 2',
      'CONTAINER_DELETED_EVENT = 3',
    ],
  ],
];

const proto = readFileSync(new URL('../../../proto/runtime/v1/api.proto', import.meta.url), 'utf8');

/** The declarations of a block without nested ones, `message X { … }` or `enum X { … }`. */
const declarationsOf = (block: string): string[] => {
  const body = new RegExp(`^${block} \\{([^}]*)\\}`, 'm').exec(proto)?.[1] ?? '';
  return body
    .split(';')
    .map((declaration) => declaration.trim())
    .filter((declaration) => declaration !== '');
};

/** `name = number` of a declaration. */
const numbering = (declaration: string): string => declaration.split(' ').slice(-3).join(' ');

describe('the CRI that plegd speaks', () => {
  it('is the package runtime.v1', () => {
    expect(file_runtime_v1_api.proto.package).toBe('runtime.v1');
  });

  it.each(fields)('numbers the fields of %s as CRI v1 does', (message, declarations) => {
    expect(declarationsOf(`message ${message}`)).toEqual(expect.arrayContaining([...declarations]));
    const generated = file_runtime_v1_api.messages.find(({ name }) => name === message);
    expect(generated?.fields.map(({ name, number }) => `${name} = ${number}`)).toEqual(
      expect.arrayContaining(declarations.map(numbering)),
    );
  });

  it.each(enums)('numbers the values of %s as CRI v1 does', (name, values) => {
    expect(declarationsOf(`enum ${name}`)).toEqual(values);
    const generated = file_runtime_v1_api.enums.find((candidate) => candidate.name === name);
    expect(generated?.values.map((value) => `${value.name} = ${value.number}`)).toEqual(values);
  });
});
