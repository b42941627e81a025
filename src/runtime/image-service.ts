import type { ImageService } from '../cri/gen/runtime/v1/api_pb.ts';
import type { Implementation } from './grpc-binding.ts';
import type { ImageStore } from './image-store.ts';
import type { StampClock } from './stamp-clock.ts';

/** CRI's ImageService, call by call. */
export const createImageService = (
  images: ImageStore,
  stamps: StampClock,
): Implementation<typeof ImageService> => ({
  listImages: ({ filter }) => ({ images: images.list(filter?.image) }),
  imageStatus: ({ image }) => {
    const found = images.status(image);
    return found === undefined ? {} : { image: found };
  },
  pullImage: ({ image }) => ({ imageRef: images.pull(image) }),
  removeImage: ({ image }) => {
    images.remove(image);
    return {};
  },
  imageFsInfo: () => ({
    imageFilesystems: [
      // Images take no room.
      { timestamp: stamps(), fsId: { mountpoint: '/' }, usedBytes: { value: 0n }, inodesUsed: { value: 0n } },
    ],
  }),
});
