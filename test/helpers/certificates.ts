import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Paths of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A folder of the test file's own with certificates that openssl makes there; removed behind the last test. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'plegd-access-'));
  /** Signs all others. */
  readonly ca: KeyPair;

  constructor() {
    this.ca = this.#make('ca', []);
    afterAll(() => rmSync(this.path, { recursive: true }));
  }

  /** For a server on loopback. */
  server(): KeyPair {
    return this.#make('server', ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', ...this.#signed]);
  }

  client(): KeyPair {
    return this.#make('client', this.#signed);
  }

  /** A file with this text. */
  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }

  get #signed(): string[] {
    return ['-CA', this.ca.cert, '-CAkey', this.ca.key];
  }

  #make(name: string, options: readonly string[]): KeyPair {
    const [cert, key] = [join(this.path, `${name}.crt`), join(this.path, `${name}.key`)];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert, '-subj', `/CN=${name}`, '-days', '2'];
    execFileSync('openssl', [...request, ...files, ...options], { stdio: 'pipe' });
    return { cert, key };
  }
}
