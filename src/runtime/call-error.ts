import { status } from '@grpc/grpc-js';

/** A call that the runtime refuses. grpc-js sends `code` and the message to the caller. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: status;

  constructor(code: status, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A field of the request is missing or makes no sense. */
export const invalidArgument = (message: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, message);

/** The sandbox or container is not (or no longer) known. */
export const notFound = (kind: 'container' | 'sandbox', id: string): CallError =>
  new CallError(status.NOT_FOUND, `${kind} "${id}": not found`);

/** The request is sound and the state does not allow it. containerd answers such calls with UNKNOWN. */
export const refused = (message: string, options?: ErrorOptions): CallError =>
  new CallError(status.UNKNOWN, message, options);

/** Something else of the same identity is there. containerd 2.1 answers with FAILED_PRECONDITION, 1.7 with UNKNOWN. */
export const nameReserved = (kind: 'container' | 'sandbox', name: string, holderId: string): CallError =>
  new CallError(status.FAILED_PRECONDITION, `${kind} name "${name}" is reserved for "${holderId}"`);
