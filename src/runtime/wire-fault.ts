/** Bytes that no protobuf decoder takes: a field whose length runs past the end. */
export const garbageBytes = (): Buffer => Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f, 0x00]);

/** Number of the unknown field that padding hides in; far beyond those of CRI. */
const paddingField = 10_000;

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];

/** The same message with an unknown field behind it, so that it has at least `minBytes`. */
export const padMessage = (message: Uint8Array, minBytes: number): Buffer => {
  const missingBytes = minBytes - message.length;
  if (missingBytes <= 0) return Buffer.from(message);
  const lengthDelimited = 2;
  return Buffer.concat([
    message,
    Buffer.from(varint((paddingField << 3) | lengthDelimited)),
    Buffer.from(varint(missingBytes)),
    Buffer.alloc(missingBytes),
  ]);
};
