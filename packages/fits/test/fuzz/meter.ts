/*
 * Counts the bytes of every array that is made from here on. Import it before what is to be measured:
 * it puts counting constructors in the place of the global ones.
 */
let counted = 0;

/** Bytes of arrays made since the last call. */
export function takeCounted(): number {
  const bytes = counted;
  counted = 0;
  return bytes;
}

type Constructor = new (...args: never[]) => object;

function counting(name: string, bytesOf: (args: readonly unknown[]) => number): void {
  const plain = (globalThis as Record<string, unknown>)[name] as Constructor;
  const proxy: Constructor = new Proxy(plain, {
    construct(target, args, newTarget) {
      counted += bytesOf(args);
      return Reflect.construct(target, args, newTarget === proxy ? target : newTarget);
    },
  });
  (globalThis as Record<string, unknown>)[name] = proxy;
}

const lengthOf = (first: unknown): number => {
  if (typeof first === 'number') return first;
  const isList = typeof first === 'object' && first !== null && 'length' in first;
  return isList ? Number((first as { length: unknown }).length) : 0;
};

counting('ArrayBuffer', ([bytes]) => lengthOf(bytes));
for (const type of [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]) {
  counting(type.name, ([first]) => lengthOf(first) * type.BYTES_PER_ELEMENT);
}

const shared = Object.getPrototypeOf(Int8Array.prototype) as Record<string, (...args: unknown[]) => unknown>;
for (const method of ['slice', 'map', 'filter']) {
  const plain = shared[method] as (...args: unknown[]) => Uint8Array;
  shared[method] = function (this: unknown, ...args: unknown[]) {
    const result = plain.apply(this, args);
    counted += result.byteLength;
    return result;
  };
}
