export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
/** The largest file that the store takes. */
export const fileBytesMax = 10 * GiB;
/** A well-formed id that no file has. */
export const unknownId = '6f1c2d34-5b6a-4c7d-8e9f-0a1b2c3d4e5f';
