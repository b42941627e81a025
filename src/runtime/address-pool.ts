const addressCount = 2 ** 16 - 2;

/**
 * Addresses for pods that are not on the host network: one each of 127.64.0.0/16, all of which is this
 * machine's own on Linux. They serve to tell pods apart; nothing keeps a pod from using the others.
 */
export const createAddressPool = (): (() => string) => {
  let usedCount = 0;
  return () => {
    const host = (usedCount % addressCount) + 1;
    usedCount += 1;
    return `127.64.${host >> 8}.${host & 0xff}`;
  };
};
