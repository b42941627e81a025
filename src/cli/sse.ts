/** One server-sent event, or an id alone, which moves the resume point (HTML, 9.2.6). */
export interface SseMessage {
  readonly id?: string;
  readonly data?: string;
}

/** Reads an event stream as far as plegd writes them: `id`, one line of `data`, comments. */
export async function* readSse(chunks: AsyncIterable<string>): AsyncGenerator<SseMessage, void> {
  let message: { id?: string; data?: string } = {};
  for await (const line of readLines(chunks)) {
    if (line === '') {
      if (message.id !== undefined || message.data !== undefined) yield message;
      message = {};
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'id' || field === 'data') message[field] = value;
  }
}

/** Lines that are complete; what the stream breaks off with is no line. */
async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
