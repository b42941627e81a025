import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';

/** What a local server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** More than a kubelet's metrics of a full node, and an end to whatever else may answer. */
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * A plain GET without credentials. The certificate is not checked: kubelets sign their own, and nothing secret
 * is said.
 */
export const httpGet = (url: string, signal: AbortSignal): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const options = { signal, agent: false, rejectUnauthorized: false } as const;
    const receive = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBodyBytes) response.destroy(new Error(`${url} answers without end`));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    };
    const request = url.startsWith('https:')
      ? getHttps(url, options, receive)
      : getHttp(url, options, receive);
    request.once('error', reject);
  });

/** Why nothing answered, in few words. */
export const describeHttpError = (url: string, error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? `nobody listens at ${url}` : `${url}: ${message}`;
};
