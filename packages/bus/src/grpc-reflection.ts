import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';

// The loader comes with @grpc/reflection, whose constructor takes what it makes.
const require = createRequire(createRequire(import.meta.url).resolve('@grpc/reflection'));
const loader: {
  loadSync(files: string[], options: object): ConstructorParameters<typeof ReflectionService>[0];
} = require('@grpc/proto-loader');

/** Root of the .proto files, beside the generated code in development and in an image. */
const protoRoot = (): string => dirname(dirname(fileURLToPath(import.meta.resolve('@iris-drs/proto'))));

/** Adds server reflection for our services and health, so that grpcurl needs no files. */
export const addReflection = (server: Server): void => {
  const root = protoRoot();
  const files = ['assembly', 'reduction', 'reference_data'].map((name) =>
    join(root, 'iris', 'drs', 'v1', `${name}.proto`),
  );
  const definition = loader.loadSync([...files, healthProto], { includeDirs: [root] });
  new ReflectionService(definition).addToServer(server);
};
