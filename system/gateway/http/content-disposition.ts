/**
 * The Content-Disposition of a download: a plain filename for old clients, and the true one in UTF-8 beside it when
 * they differ (RFC 6266 section 4.3, RFC 8187 section 3.2).
 */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  const fallback = `attachment; filename="${plain}"`;
  return plain === filename ? fallback : `${fallback}; filename*=UTF-8''${percentEncode(filename)}`;
}

/** encodeURIComponent leaves ' ( ) * as they are, and none of them is an attr-char. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
