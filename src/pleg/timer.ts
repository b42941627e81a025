import { Observable } from 'rxjs';
import type { Time } from '../lib/time.ts';

/** Emits once after `delayMs` by the injected time, as RxJS's `timer` does by its scheduler. */
export const timer$ = (time: Time, delayMs: number): Observable<void> =>
  new Observable((subscriber) => {
    const handle = time.setTimeout(() => {
      subscriber.next();
      subscriber.complete();
    }, delayMs);
    return () => {
      time.clearTimeout(handle);
    };
  });
