import type { ClientReadableStream } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { CriError } from './cri-error.ts';

/**
 * A server-streaming call as a cold Observable: subscribing opens the call, unsubscribing cancels it.
 *
 * It ends once, by the first sign of an end: grpc-js reports a dropped connection as `error`, then `end`, then
 * `close`, and a cancelled call still raises an error. Messages are passed on in the data handler itself:
 * a stream that is read slowly blocks containerd 2. Messages that arrive together with an error may be lost:
 * grpc-js drops what it has not passed on by then.
 *
 * @throws CriError through the error channel for every status but OK. OK completes.
 */
export const fromServerStream = <T>(method: string, open: () => ClientReadableStream<T>): Observable<T> =>
  new Observable((subscriber) => {
    let call: ClientReadableStream<T>;
    try {
      call = open();
    } catch (error) {
      subscriber.error(CriError.from(error, method));
      return undefined;
    }
    call.on('data', (message: T) => {
      subscriber.next(message);
    });
    call.on('error', (error) => {
      subscriber.error(CriError.from(error, method));
    });
    call.on('end', () => {
      subscriber.complete();
    });
    return () => {
      call.cancel();
    };
  });
