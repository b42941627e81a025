/** The samples of some metrics in Prometheus's text format, those with labels added up. */
export const sumSamples = (text: string, names: readonly string[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const [, name = '', value] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{[^\n]*\})? (\S+)/gm)) {
    if (names.includes(name)) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
};

/** The sample of one metric with one label. */
export const findSample = (text: string, name: string, label: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(label));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};
