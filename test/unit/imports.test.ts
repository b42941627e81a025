import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from 'vitest';

/** The files that a room may import besides its own, and the packages where not all are open to it. */
const rooms: Readonly<Record<string, { readonly files: readonly string[]; readonly packages?: RegExp }>> = {
  'machines/': { files: [], packages: /^xstate/ },
  'src/lib/': { files: [], packages: /^(node:|pino)/ },
  'src/cri/': { files: ['src/lib/', 'machines/types.ts'] },
  'src/pleg/': {
    files: ['src/lib/', 'machines/', 'src/cri/runtime-service.ts', 'src/cri/cri-error.ts'],
    packages: /^(?!@grpc)/,
  },
  // In a browser: of the house only the words that the agent and the page exchange.
  'src/page/': {
    files: [
      'src/server/(watch-messages|watch-view|agent-view).ts',
      'src/pleg/(lifecycle-event|vital-slice).ts',
    ],
    packages: /^(?!)./,
  },
  'src/diagram/': { files: ['machines/'], packages: /^(node:|xstate|elkjs)/ },
  'src/record/': {
    files: ['src/lib/', 'src/pleg/', 'src/cri/runtime-service.ts', 'src/cri/cri-error.ts'],
    packages: /^(?!@grpc)/,
  },
  'src/runtime/': {
    files: ['src/lib/', 'src/cri/gen/', 'src/cri/service-definition.ts', 'src/cri/kubelet-labels.ts'],
  },
  'src/doctor/': {
    files: ['src/lib/', 'src/cri/', 'src/pleg/', 'machines/types.ts'],
    packages: /^(?!@grpc)/,
  },
  'src/grpc/': {
    files: [
      'src/lib/',
      'src/pleg/lifecycle-event.ts',
      'src/server/agent-view.ts',
      'src/cri/service-definition.ts',
    ],
  },
  'src/server/': { files: ['src/lib/', 'src/pleg/', 'machines/'], packages: /^(?!@grpc)/ },
  'src/agent/': { files: ['src/(?!cli/)', 'machines/'], packages: /^(?!@grpc)/ },
  'src/cli/': { files: ['src/', 'machines/'], packages: /^(?!@grpc)/ },
};

/** The imports of a file that its room does not allow; paths from the root of the repository. */
const forbidden = (file: string, source: string): string[] => {
  const room = Object.keys(rooms).find((start) => file.startsWith(start));
  if (room === undefined) return [`${file} is in no known room`];
  const { files, packages = /^/ } = rooms[room]!;
  const allowed = new RegExp(`^(${[room, ...files].join('|')})`);
  const imports = source.matchAll(
    /^(?:import|export)\s(?:[^;'"]*\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...imports]
    .map(([, name, dynamicName]) => name ?? dynamicName ?? '')
    .map((name) => (name.startsWith('.') ? posix.join(posix.dirname(file), name) : name))
    .filter((name) => !(name.endsWith('.ts') ? allowed : packages).test(name));
};

it('every file imports only what its room may', () => {
  const files = ['machines', 'src'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`),
  );
  const found = files.map((file) => [file, forbidden(file, readFileSync(file, 'utf8'))] as const);
  expect(Object.fromEntries(found.filter(([, imports]) => imports.length > 0))).toEqual({});
});

it.each([
  ['machines/x.ts', "import { of } from 'rxjs';", 'rxjs'],
  ['machines/x.ts', "import type { Time } from '../src/lib/time.ts';", 'src/lib/time.ts'],
  ['src/lib/x.ts', "export * from '../cri/client.ts';", 'src/cri/client.ts'],
  ['src/pleg/x.ts', "import {\n  a,\n  b,\n} from '../cri/client.ts';", 'src/cri/client.ts'],
  ['src/pleg/x.ts', "import { Client } from '@grpc/grpc-js';", '@grpc/grpc-js'],
  ['src/server/x.ts', "import '../agent/agent.ts';", 'src/agent/agent.ts'],
  ['src/doctor/x.ts', "import '../agent/agent.ts';", 'src/agent/agent.ts'],
  ['src/agent/x.ts', "const { main } = await import('../cli/main.ts');", 'src/cli/main.ts'],
  ['src/cli/x.ts', "import { pod } from '../../test/helpers/pod.ts';", 'test/helpers/pod.ts'],
  ['src/new/x.ts', '', 'src/new/x.ts is in no known room'],
])('in %s, %j is refused', (file, source, found) => {
  expect(forbidden(file, source)).toEqual([found]);
});
