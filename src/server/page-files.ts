import { readFileSync, readdirSync } from 'node:fs';
import { packageFile } from '../lib/package-file.ts';

/** Folders of the package whose files the page may ask for, by the kind of the file. */
const folders = { page: 'dist/src/page/', machines: 'docs/machines/' } as const;

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
};

export interface PageFile {
  readonly contentType: string;
  readonly text: string;
}

/** The page's files, read on first use and kept; only what the folders hold can be asked for. */
export class PageFiles {
  readonly #files = new Map<string, PageFile>();
  #areListed = false;

  /** @param path such as `page/main.js` or `machines/container.svg` */
  get(path: string): PageFile | undefined {
    if (!this.#areListed) this.#list();
    return this.#files.get(path);
  }

  #list(): void {
    this.#areListed = true;
    for (const [name, folder] of Object.entries(folders)) {
      const url = packageFile(folder);
      for (const file of readFolder(url)) {
        const contentType = contentTypes[file.split('.').at(-1) ?? ''];
        if (contentType === undefined) continue;
        this.#files.set(`${name}/${file}`, { contentType, text: readFileSync(new URL(file, url), 'utf8') });
      }
    }
  }
}

/** Nothing where the folder is not there, as before the first `npm run build`. */
function readFolder(url: URL): string[] {
  try {
    return readdirSync(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
