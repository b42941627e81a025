/** Requests of each address; loopback is one, whoever calls. A thousand watchers may come at once. */
export const requestRate = { burst: 2_000, perSecond: 200 };

/** Event streams that are open at once: a thousand watchers, and a hundred to spare. */
export const maxFollowers = 1_100;

/** Those, and who asks without staying. Further ones are closed at once. */
export const maxConnections = maxFollowers + 200;

/** Every request is a line and headers; bytes and milliseconds. */
export const requestBounds = {
  bodyBytes: 1_024,
  headerBytes: 8_192,
  timeoutMs: 10_000,
};
