const MiB = 1024 * 1024;
/** The smallest that any part of an upload but its last may be. */
const partBytesMin = 5 * MiB;

export interface PartSpan {
  readonly offset: number;
  readonly lengthBytes: number;
}

/** How a value is cut for an upload: equal parts, or if these would be too small, the smallest and a last one with the rest. */
export function partSpans(bytes: number, parts: number): PartSpan[] {
  const partBytes = Math.max(partBytesMin, Math.ceil(bytes / parts));
  if ((parts - 1) * partBytes >= bytes) throw new RangeError(`${bytes} bytes cannot be sent in ${parts} parts`);
  return Array.from({ length: parts }, (_, index) => {
    const offset = index * partBytes;
    return { offset, lengthBytes: Math.min(partBytes, bytes - offset) };
  });
}
