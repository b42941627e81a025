import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { RateBound } from '../lib/rate-bound.ts';
import type { Time } from '../lib/time.ts';

export interface CallBounds {
  /** Open calls of all callers together. */
  readonly openCalls: number;
  /** Messages of all callers together, since a unix socket does not tell them apart: at once, */
  readonly burst: number;
  /** and in the long run. */
  readonly perSecond: number;
}

/** A hundred calls more than the watchers that plegd is made for, and requests for all of them at once. */
export const defaultCallBounds: CallBounds = { openCalls: 1_100, burst: 2_000, perSecond: 500 };

/**
 * Bounds the calls that are open at once, and the messages that come: each but the request of a Watch, of which
 * the first bound lets only so many be, counts against the rate. Who is beyond gets RESOURCE_EXHAUSTED.
 */
export function boundCalls(time: Time, { openCalls, ...rate }: CallBounds): ServerInterceptor {
  const messages = new RateBound({ time, ...rate });
  let openCount = 0;
  return ({ requestStream, responseStream }, call) => {
    const isRated = requestStream || !responseStream;
    let isOpen = false;
    const close = () => {
      if (isOpen) openCount -= 1;
      isOpen = false;
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        if (openCount >= openCalls) {
          call.sendStatus(exhausted(`more than ${openCalls} calls are open; close some, or come later`));
          return;
        }
        isOpen = true;
        openCount += 1;
        next(metadata);
      })
      .withOnReceiveMessage((message, next) => {
        if (isRated && !messages.take('')) {
          call.sendStatus(exhausted(`more than ${rate.perSecond} requests a second; come later`));
        } else next(message);
      })
      // Of every call the last that happens, however it ends.
      .withOnCancel(close)
      .build();
    return new ServerInterceptingCall(
      call,
      new ResponderBuilder().withStart((next) => next(listener)).build(),
    );
  };
}

const exhausted = (details: string) => ({ code: status.RESOURCE_EXHAUSTED, details });
