/** A piece of an XML document, made by the functions of this file: whatever text went in is escaped. */
export type Xml = string & { readonly __brand: 'xml' };

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A whole document. Error documents have no namespace, as those of AWS. */
export function xmlDocument(name: string, children: readonly Xml[], namespace: string | null = S3_NAMESPACE): string {
  const attribute = namespace === null ? '' : ` xmlns="${escapeXml(namespace)}"`;
  return `${DECLARATION}<${name}${attribute}>${children.join('')}</${name}>`;
}

/** A document that is one text. */
export function xmlRoot(name: string, text: string): string {
  return `${DECLARATION}<${name} xmlns="${S3_NAMESPACE}">${escapeXml(text)}</${name}>`;
}

/** An element that holds others. */
export function xmlElement(name: string, children: readonly Xml[]): Xml {
  return `<${name}>${children.join('')}</${name}>` as Xml;
}

/** An element that holds text; nothing at all for undefined. Moments are written as ISO 8601 in whole seconds. */
export function xmlText(name: string, value: string | number | boolean | Date | undefined): Xml {
  if (value === undefined) return '' as Xml;
  const text = value instanceof Date ? wholeSeconds(value) : String(value);
  return `<${name}>${escapeXml(text)}</${name}>` as Xml;
}

/** Headers tell moments in whole seconds, and clients compare the two. */
function wholeSeconds(date: Date): string {
  return new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
}

/**
 * Control characters become references, as AWS writes them, although XML 1.0 knows no such references to most of them:
 * clients whose keys have any ask for encoding-type=url. A carriage return would be read back as a line feed.
 */
function escapeXml(text: string): string {
  // Most keys need nothing of this.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
  if (!/[&<>"\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it replaces.
  return text.replace(/[&<>"\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g, (character) => {
    return named[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
