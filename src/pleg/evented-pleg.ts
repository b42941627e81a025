import { finalize, Observable, tap } from 'rxjs';
import type { CriContainerEvent, RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import { timer$ } from './timer.ts';

/**
 * From the opening of a stream to the second relist. No runtime says when the subscription has begun, and
 * each loses events around it (containerd 2.1 the first one to four), so one relist at once is not enough.
 */
export const settleMs = 1_000;

export interface EventedPlegOptions {
  readonly time: Time;
  readonly service: Pick<RuntimeService, 'containerEvents'>;
  readonly requestRelist: () => void;
  readonly onOpened: () => void;
  /** The stream has been open long enough for every later change to be announced. */
  readonly onSettled: () => void;
  readonly onClosed: () => void;
}

/**
 * kubelet's Evented PLEG, first generation (pkg/kubelet/pleg/evented.go, to 1.36), less its cache writes: the
 * one event stream with the relists that its openings need. Ends as the stream ends; unsubscribing
 * closes it. Never subscribe twice at a time: on containerd 1.7 readers compete.
 */
export const watchContainerEvents = ({
  time,
  service,
  requestRelist,
  onOpened,
  onSettled,
  onClosed,
}: EventedPlegOptions): Observable<CriContainerEvent> =>
  new Observable((subscriber) => {
    const settle$ = timer$(time, settleMs).pipe(
      tap(() => {
        requestRelist();
        onSettled();
      }),
    );
    const event$ = service.containerEvents();
    onOpened();
    const settling = settle$.subscribe();
    const events = event$.pipe(finalize(onClosed)).subscribe(subscriber);
    requestRelist();
    return () => {
      settling.unsubscribe();
      events.unsubscribe();
    };
  });
