import type { ContainerConfig } from '../cri/gen/runtime/v1/api_pb.ts';

/** What an image without a program of its own would run: sleep, and end at TERM. */
const idleArgv = [
  '/bin/sh',
  '-c',
  "trap 'exit 0' TERM INT; while :; do sleep 2147483647 & wait; done",
] as const;

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `command` then `args`, as there is no image with an entrypoint to put before the args. */
export const argvOf = ({ command, args }: ContainerConfig): readonly [string, ...string[]] => {
  const [program, ...rest] = [...command, ...args];
  return program === undefined ? idleArgv : [program, ...rest];
};

/** Only what the config says, and a PATH: the runtime's own environment may hold secrets. */
export const envOf = ({ envs }: ContainerConfig): Record<string, string> => ({
  PATH: process.env['PATH'] ?? defaultPath,
  ...Object.fromEntries(envs.map(({ key, value }) => [key, Buffer.from(value).toString()])),
});
