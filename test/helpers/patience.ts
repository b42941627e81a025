/** For `expect.poll`: looks often, and waits long enough for a machine that has other things to do. */
export const patient = { interval: 5, timeout: 20_000 } as const;
