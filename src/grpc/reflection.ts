import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ReflectionService } from '@grpc/reflection';

/** Tells grpcurl and the like what is served: these files and what they import. */
export function createReflection(...files: readonly DescFile[]): ReflectionService {
  const withImports = new Set<DescFile>();
  const add = (file: DescFile): void => {
    file.dependencies.forEach(add);
    withImports.add(file);
  };
  files.forEach(add);
  // Of a proto-loader package only the descriptors are read.
  const fileDescriptorProtos = [...withImports].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  return new ReflectionService({
    descriptors: { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos },
  });
}
