/** Beyond what the doctor finds something to say. All from what operators and upstream code report. */

/** kubelet `maxMsgSize`, and containerd's own limit for what it sends. */
export const messageLimitBytes = 16 * 1024 * 1024;
/** Half of it: the time to act, since what fills a list does so by the hundred a minute (kubernetes#131407). */
export const nearLimitBytes = messageLimitBytes / 2;
/** Dead things beyond this cost every relist; kubelet's collector keeps one per container of a live pod. */
export const manyDead = 1_000;
/** Beyond this a call is slow on a runtime that answers in a few milliseconds when it is well. */
export const slowCallMs = 1_000;
/** kubelet `genericPlegRelistPeriod`. */
export const relistPeriodMs = 1_000;
/** A relist this long is what the usual alert on p99 fires at, and far from kubelet's threshold of 3 min. */
export const longRelistMs = 10_000;
/** A minute without a relist is twenty to sixty of them missing. */
export const staleRelistMs = 60_000;
/** An OCI runtime or a CNI plugin works for a second or two; containerd waits for an exit for 10 s. */
export const oldHelperMs = 30_000;
export const manyExecs = 20;
export const manyDefunct = 100;
export const nearlyFull = 0.9;
/** More than one frame of HTTP/2's window of 64 KiB: the reader has stopped. */
export const unreadLimitBytes = 32 * 1024;
export const lateEventMs = 5_000;
export const clockStepMs = 1_000;
export const stallLimits = { cpu: 80, io: 60, memory: 20 } as const;
