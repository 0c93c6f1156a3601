declare module 'snappyjs' {
  /** Throws where the bytes are no block of snappy, or its length is above `maxLength`. */
  export function uncompress(compressed: Buffer, maxLength?: number): Buffer
  export function compress(uncompressed: Buffer): Buffer
}
