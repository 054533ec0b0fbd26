/** What names the parts 1, 2, 3 … of an upload, by the ETags that they were answered with. */
export function completionOf(etags: readonly string[]): Buffer {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  return Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
}
