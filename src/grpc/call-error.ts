import { status } from '@grpc/grpc-js';

/** A call that ends without what it asked for. grpc-js sends `code` and the message to the caller. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: status;

  constructor(code: status, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A field of the request makes no sense. */
export const invalidArgument = (message: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, message);

/** The one status that clients take for "come again": the agent stops, and may be back soon. */
export const stopping = (): CallError =>
  new CallError(status.UNAVAILABLE, 'the agent stops; connect again and resume after the last seq');
