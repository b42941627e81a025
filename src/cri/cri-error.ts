/** gRPC's status names; the number on the wire is the index. */
export const criErrorCodes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type CriErrorCode = (typeof criErrorCodes)[number];

/** A CRI call that failed. `cause` is the error of the transport. */
export class CriError extends Error {
  override readonly name = 'CriError';
  readonly code: CriErrorCode;
  /** The CRI method, such as `ListContainers`. */
  readonly method: string;
  /** What the runtime or the transport said, without method and code. */
  readonly details: string;

  constructor(method: string, code: CriErrorCode, details: string, options?: ErrorOptions) {
    super(`${method}: ${code}: ${details}`, options);
    this.method = method;
    this.code = code;
    this.details = details;
  }

  /** Wraps anything that a call threw; returns a `CriError` unchanged. */
  static from(cause: unknown, method: string): CriError {
    if (cause instanceof CriError) return cause;
    const { code, details } = (cause ?? {}) as { code?: unknown; details?: unknown };
    return new CriError(
      method,
      (typeof code === 'number' ? criErrorCodes[code] : undefined) ?? 'UNKNOWN',
      typeof details === 'string' ? details : String(cause),
      { cause },
    );
  }
}

/** Whether a call failed because the thing asked for is gone. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof CriError && error.code === 'NOT_FOUND';
