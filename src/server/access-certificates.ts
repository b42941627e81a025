import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { AccessError } from './access-error.ts';

export interface CertificateFiles {
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly clientCa: string | undefined;
}

/** PEM. */
export interface Certificates {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who signs the certificates of clients. */
  readonly ca?: Buffer;
}

/** @throws {AccessError} for the first file that will not do */
export function readCertificates({ tlsCert, tlsKey, clientCa }: CertificateFiles): Certificates {
  const cert = readFile('--tls-cert', tlsCert);
  const certificate = parse(
    `--tls-cert ${tlsCert}: expected a certificate in PEM`,
    () => new X509Certificate(cert),
  );
  const key = readFile('--tls-key', tlsKey);
  const privateKey = parse(`--tls-key ${tlsKey}: expected a private key in PEM, not encrypted`, () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new AccessError(`--tls-key ${tlsKey}: is not the key of the certificate in --tls-cert ${tlsCert}`);
  }
  const ca = clientCa === undefined ? undefined : readFile('--client-ca', clientCa);
  if (ca) parse(`--client-ca ${clientCa}: expected certificates in PEM`, () => new X509Certificate(ca));
  const certificates = { cert, key, ...(ca && { ca }) };
  parse(`--tls-cert ${tlsCert}: not fit for TLS`, () => createSecureContext(certificates));
  return certificates;
}

/** @throws {AccessError} */
export function readFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AccessError(`${flag} ${path}: cannot read the file: ${(cause as Error).message}`, { cause });
  }
}

function parse<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AccessError(`${problem} (${(cause as Error).message})`, { cause });
  }
}
