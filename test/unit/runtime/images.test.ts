import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();

const pull = (image: string) => fixture.driver.cri.images.pullImage({ image: { image } });
const tagsOf = (images: readonly { readonly repoTags: string[] }[]) =>
  images.flatMap(({ repoTags }) => repoTags).sort();

describe('images', () => {
  it('any name can be pulled, and is then there', async () => {
    const { images } = fixture.driver.cri;
    const { imageRef } = await pull('example.org/team/app:2');
    const { image } = await images.imageStatus({ image: { image: 'example.org/team/app:2' } });

    expect(imageRef).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image).toMatchObject({ id: imageRef, repoTags: ['example.org/team/app:2'] });
    expect((await images.imageStatus({ image: { image: imageRef } })).image?.id).toBe(imageRef);
    expect(await pull(imageRef)).toMatchObject({ imageRef });
  });

  it('a name without a tag is the latest', async () => {
    const { imageRef } = await pull('localhost:5000/app');
    expect(await pull('localhost:5000/app:latest')).toMatchObject({ imageRef });
    expect(tagsOf((await fixture.driver.cri.images.listImages({})).images)).toEqual([
      'localhost:5000/app:latest',
    ]);
  });

  it('a name with a digest keeps it', async () => {
    const name = `example.org/app@sha256:${'a'.repeat(64)}`;
    await pull(name);
    expect((await fixture.driver.cri.images.listImages({})).images).toMatchObject([
      { repoTags: [], repoDigests: [name] },
    ]);
  });

  it('lists all, or the one that is asked for', async () => {
    const { images } = fixture.driver.cri;
    await pull('a:1');
    await pull('b:1');
    const list = async (image: string) =>
      tagsOf((await images.listImages({ filter: { image: { image } } })).images);

    expect(tagsOf((await images.listImages({})).images)).toEqual(['a:1', 'b:1']);
    expect(await list('b:1')).toEqual(['b:1']);
    expect(await list('c:1')).toEqual([]);
  });

  it('an image that nobody named has no status, and can be removed all the same', async () => {
    const { images } = fixture.driver.cri;
    expect((await images.imageStatus({ image: { image: 'a:1' } })).image).toBeUndefined();
    await images.removeImage({ image: { image: 'a:1' } });
    await pull('a:1');
    await images.removeImage({ image: { image: 'a:1' } });
    expect((await images.listImages({})).images).toEqual([]);
  });

  it('a container brings its image along', async () => {
    const { driver } = fixture;
    await driver.createContainer(await driver.runPod({ name: 'web' }), { image: 'app:3' });
    expect(tagsOf((await driver.cri.images.listImages({})).images)).toEqual(['app:3']);
  });

  it('no name is INVALID_ARGUMENT', async () => {
    const expected = {
      code: status.INVALID_ARGUMENT,
      details: 'image.image is empty, expected an image name',
    };
    await expect(pull('')).rejects.toMatchObject(expected);
    await expect(fixture.driver.cri.images.imageStatus({})).rejects.toMatchObject(expected);
    await expect(fixture.driver.cri.images.removeImage({})).rejects.toMatchObject(expected);
  });

  it('ImageFsInfo has one file system with nothing in it', async () => {
    const { imageFilesystems } = await fixture.driver.cri.images.imageFsInfo({});
    expect(imageFilesystems).toMatchObject([{ fsId: { mountpoint: '/' }, usedBytes: { value: 0n } }]);
  });
});
