import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/** The runtime's socket. */
export interface Endpoint {
  /** What gRPC dials: `unix:///path`. */
  readonly target: string;
  readonly path: string;
}

/** `bad-input`: no such endpoint can work. `refused`: this one cannot be used as things are. */
export type EndpointErrorKind = 'bad-input' | 'refused';

/** An endpoint that cannot be used, in one line that names the setting. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly kind: EndpointErrorKind;

  constructor(
    kind: EndpointErrorKind,
    field: string,
    value: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${field} ${JSON.stringify(value)}: ${problem}`, options);
    this.kind = kind;
  }
}

/** Where crictl looks for a runtime, in its order. */
export const defaultEndpoints = [
  'unix:///run/containerd/containerd.sock',
  'unix:///run/crio/crio.sock',
  'unix:///var/run/cri-dockerd.sock',
] as const;

/** Linux keeps a socket's path in 108 bytes, one of them for the end (unix(7)). */
const longestPathBytes = 107;

const defaultField = 'runtime endpoint';

/**
 * Reads `unix:///path`, or `unix:/path`.
 *
 * @param field the setting that errors name, such as `--runtime-endpoint`
 * @throws EndpointError `bad-input` for anything else
 */
export const parseEndpoint = (text: string, field: string = defaultField): Endpoint => {
  const badInput = (problem: string): EndpointError => new EndpointError('bad-input', field, text, problem);

  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  if (scheme === undefined) {
    throw badInput(`no scheme, expected unix:///path${text.startsWith('/') ? `, here unix://${text}` : ''}`);
  }
  if (scheme !== 'unix') throw badInput(`scheme ${scheme} is not supported, expected unix:///path`);
  const path = /^unix:(?:\/\/(?=\/))?(\/(?!\/).+)$/.exec(text)?.[1];
  if (path === undefined) throw badInput('expected an absolute path, as in unix:///path');
  if (path.includes('\0')) throw badInput('a path holds no NUL');
  const pathBytes = Buffer.byteLength(path);
  if (pathBytes > longestPathBytes) {
    throw badInput(`the path has ${pathBytes} bytes, a socket's path has at most ${longestPathBytes}`);
  }
  return { target: `unix://${path}`, path };
};

/** What `checkEndpoint` asks of the file system; throws as `node:fs/promises` does. */
export interface EndpointFiles {
  stat(path: string): Promise<Pick<Stats, 'isSocket'>>;
  access(path: string, mode: number): Promise<void>;
}

const systemFiles: EndpointFiles = { stat, access };

const errorCode = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/**
 * Looks at the socket without connecting.
 *
 * @returns `absent` when nothing is there: a runtime may come later, so that is no error for an agent
 * @throws EndpointError `bad-input` for a path that is no socket, `refused` where permission is missing
 */
export const checkEndpoint = async (
  { target, path }: Endpoint,
  { field = defaultField, files = systemFiles }: { field?: string; files?: EndpointFiles } = {},
): Promise<'socket' | 'absent'> => {
  try {
    if (!(await files.stat(path)).isSocket()) {
      throw new EndpointError('bad-input', field, target, `${path} is no socket`);
    }
    // connect(2) needs write permission on the socket.
    await files.access(path, constants.W_OK);
    return 'socket';
  } catch (error) {
    if (error instanceof EndpointError) throw error;
    switch (errorCode(error)) {
      case 'ENOENT':
        return 'absent';
      case 'ENOTDIR':
        throw new EndpointError('bad-input', field, target, `a part of ${path} is no directory`, {
          cause: error,
        });
      case 'EACCES':
      case 'EPERM':
        throw new EndpointError(
          'refused',
          field,
          target,
          `no permission on ${path}; run as root or as a member of the socket's group`,
          { cause: error },
        );
      default:
        throw new EndpointError('refused', field, target, `cannot look at ${path}: ${String(error)}`, {
          cause: error,
        });
    }
  }
};

/**
 * The first of the well-known endpoints where a socket is; whether it may be used is for `checkEndpoint` to say.
 *
 * @param endpoints in order of preference; crictl's by default
 */
export const discoverEndpoint = async (
  endpoints: readonly string[] = defaultEndpoints,
): Promise<Endpoint | undefined> => {
  for (const text of endpoints) {
    const endpoint = parseEndpoint(text);
    const isSocket = await stat(endpoint.path).then(
      (found) => found.isSocket(),
      () => false,
    );
    if (isSocket) return endpoint;
  }
  return undefined;
};
