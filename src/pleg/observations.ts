import { merge, map, Subject, type Observable } from 'rxjs';
import type { CriContainerEvent } from '../cri/runtime-service.ts';
import type { InspectionOutcome, InspectionRequest, Observation, RelistResult } from './observation.ts';

/**
 * Where the generators leave what they learned, merged into the one stream that the writer reads. Hot and
 * synchronous: whoever calls `next` has been merged when it returns.
 */
export class Observations {
  readonly relist$ = new Subject<RelistResult>();
  readonly criEvent$ = new Subject<CriContainerEvent>();
  readonly inspection$ = new Subject<{ request: InspectionRequest; outcome: InspectionOutcome }>();

  readonly observation$: Observable<Observation> = merge(
    this.relist$.pipe(map((relist): Observation => ({ kind: 'relist', relist }))),
    this.criEvent$.pipe(map((event): Observation => ({ kind: 'event', event }))),
    this.inspection$.pipe(map((inspection): Observation => ({ kind: 'inspection', ...inspection }))),
  );
}
