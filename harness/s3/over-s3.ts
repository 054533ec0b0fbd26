/** What every case of this suite declares: it belongs to the phase of S3, and needs to know where that is. */
export const overS3 = { phase: 3, needs: ['s3'] } as const;
