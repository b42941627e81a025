import type { PlegContainerState } from '../../machines/index.ts';

/** A change that only a list showed, for whoever knows whether an event was due. */
export interface ListedChange {
  readonly containerId: string;
  readonly podUid: string;
  readonly from: PlegContainerState;
  readonly to: PlegContainerState;
  /** The whole pod vanished in the same relist. */
  isPodGone: boolean;
}
