import type { Time } from '../../lib/time.ts';
import type { ClientsFact, Connection } from '../facts.ts';
import type { Host } from '../host.ts';
import { readSocketTable } from '../socket-owner.ts';
import { UnseenError } from '../seen.ts';
import { sleep } from '../waiting.ts';

const ssTimeoutMs = 3_000;

/**
 * Who else is connected to the runtime's socket. The kernel's table names no peers; `ss` asks the kernel for
 * them, and where it is missing only the number is known.
 *
 * @param ownPid whose connections do not count
 */
export const lookAtClients = async (
  { procRoot, run }: Pick<Host, 'procRoot' | 'run'>,
  path: string,
  ownPid: number = process.pid,
): Promise<ClientsFact> => {
  const { listening, connected } = await readSocketTable(procRoot, path);
  if (listening === undefined) {
    throw new UnseenError(`nobody listens on ${path} in our network namespace`);
  }
  const output = await run('ss', ['-xpnH'], ssTimeoutMs).catch(() => undefined);
  // Our own client is one connection.
  if (output === undefined) {
    return { connectionCount: Math.max(0, connected.length - 1), connections: undefined };
  }
  const connections = parseSs(output, new Set(connected)).filter(({ pid }) => pid !== ownPid);
  return { connectionCount: connections.length, connections };
};

/** Reads `ss -xpnH`: the runtime's ends, their peers, and who holds those. */
export const parseSs = (output: string, runtimeInodes: ReadonlySet<string>): Connection[] => {
  const sockets = output.split('\n').map((line) => {
    const [, unread = '', inode = '', peerInode = '', users = ''] =
      /^u_str\s+ESTAB\s+\d+\s+(\d+)\s+\S+\s+(\d+)\s+\S+\s+(\d+)(?:\s+(users:.*))?/.exec(line) ?? [];
    const [, name = '', pid = ''] = /\("([^"]*)",pid=(\d+)/.exec(users) ?? [];
    return { unread: Number(unread), inode, peerInode, name, pid: Number(pid) };
  });
  const byInode = new Map(sockets.map((socket) => [socket.inode, socket]));
  return sockets
    .filter(({ inode }) => runtimeInodes.has(inode))
    .map(({ unread, peerInode }) => {
      const peer = byInode.get(peerInode);
      return { pid: peer?.pid ?? 0, name: peer?.name ?? '', unreadBytes: unread };
    });
};

/** Looks at both ends of the window: what is unread both times is left unread, not just on its way. */
export const lookAtClientsTwice = async (
  host: Pick<Host, 'procRoot' | 'run'>,
  path: string,
  time: Time,
  windowMs: number,
): Promise<ClientsFact> => {
  const before = await lookAtClients(host, path);
  await sleep(time, windowMs);
  const after = await lookAtClients(host, path);
  const unreadBefore = new Map(before.connections?.map(({ pid, unreadBytes }) => [pid, unreadBytes]));
  return {
    ...after,
    connections: after.connections?.map((connection) => ({
      ...connection,
      unreadBytes: Math.min(connection.unreadBytes, unreadBefore.get(connection.pid) ?? 0),
    })),
  };
};
