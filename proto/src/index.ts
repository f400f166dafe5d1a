export * from './gen/iris/drs/v1/assembly.ts';
export type { DeepPartial, MessageFns } from './gen/iris/drs/v1/messages.ts';
export * from './gen/iris/drs/v1/messages.ts';
// Each generated file repeats these; one of them is named here so that the wildcards do not collide.
export { protobufFileName, protobufPackage } from './gen/iris/drs/v1/messages.ts';
export * from './gen/iris/drs/v1/reduction.ts';
export * from './gen/iris/drs/v1/reference_changes.ts';
export * from './gen/iris/drs/v1/reference_data.ts';
export * from './subjects.ts';
