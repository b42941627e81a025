import { createHash } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ImageSchema, ImageSpec } from '../cri/gen/runtime/v1/api_pb.ts';
import { invalidArgument } from './call-error.ts';

type Image = MessageInitShape<typeof ImageSchema> & { readonly id: string };

/** A digest for an image that does not exist: always the same for one name. */
const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`;

const nameOf = (spec: ImageSpec | undefined): string => {
  if (spec === undefined || spec.image === '') {
    throw invalidArgument('image.image is empty, expected an image name');
  }
  return spec.image;
};

const withTag = (name: string): string => (/[:@][^/]*$/.test(name) ? name : `${name}:latest`);

/**
 * Images by any name at all. Nothing is fetched: a name is remembered as present, and containers run the
 * programs of this machine.
 */
export class ImageStore {
  readonly #images = new Map<string, Image>();

  /**
   * Remembers an image; returns its digest.
   *
   * @throws CallError INVALID_ARGUMENT without a name
   */
  pull(spec: ImageSpec | undefined): string {
    const known = this.status(spec);
    if (known !== undefined) return known.id;
    const name = withTag(nameOf(spec));
    const id = digestOf(name);
    this.#images.set(id, { id, ...(name.includes('@') ? { repoDigests: [name] } : { repoTags: [name] }) });
    return id;
  }

  /**
   * By name or digest; undefined for an image that nobody named before.
   *
   * @throws CallError INVALID_ARGUMENT without a name
   */
  status(spec: ImageSpec | undefined): Image | undefined {
    const name = nameOf(spec);
    return this.#images.get(name) ?? this.#images.get(digestOf(withTag(name)));
  }

  /** All of them, or the one that is asked for. */
  list(wanted: ImageSpec | undefined): Image[] {
    if (wanted === undefined || wanted.image === '') return [...this.#images.values()];
    const image = this.status(wanted);
    return image === undefined ? [] : [image];
  }

  /** Forgets an image; nothing happens when it is not there. */
  remove(spec: ImageSpec | undefined): void {
    const image = this.status(spec);
    if (image !== undefined) this.#images.delete(image.id);
  }
}
