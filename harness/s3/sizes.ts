export const KiB = 1024;
export const MiB = 1024 * KiB;
/** The smallest that any part of an upload but its last may be. */
export const partBytesMin = 5 * MiB;
