import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** One answer that is read as it comes. */
export class HttpStream {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** All that has come so far. */
  text = '';
  /** Settles when the answer is complete; rejects when it is cut off. */
  readonly ended: Promise<void>;
  readonly #response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode;
    this.headers = response.headers;
    this.ended = new Promise((resolve, reject) => {
      response.once('end', resolve).once('error', reject);
    });
    this.ended.catch(() => undefined);
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
  }

  /** Waits until the text so far satisfies the test. */
  async until(isEnough: (text: string) => boolean): Promise<void> {
    while (!isEnough(this.text)) {
      await new Promise<void>((resolve, reject) => {
        this.#response.once('data', () => resolve());
        this.ended.then(() => reject(new Error(`the stream ended after ${this.text}`)), reject);
      });
    }
  }

  /** The client goes away. */
  leave(): void {
    this.#response.destroy();
  }
}

/** Asks and resolves when the headers are there. */
export const openStream = (url: string, headers: Record<string, string> = {}): Promise<HttpStream> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => resolve(new HttpStream(response))).once(
      'error',
      reject,
    );
  });
