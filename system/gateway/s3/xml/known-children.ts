import { S3Error } from '../errors.ts';
import type { XmlElement } from './read-xml.ts';

/**
 * The text of each child, by its name. Throws MalformedXML for a child that is not among `names`, as AWS does whose
 * schemas are closed, and for one that comes twice.
 */
export function textByName<Name extends string>(
  element: XmlElement,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const child of element.children) {
    const name = names.find((known) => known === child.name);
    if (name === undefined)
      throw new S3Error('MalformedXML', undefined, { Reason: `unexpected element ${child.name}` });
    if (texts[name] !== undefined) throw new S3Error('MalformedXML', undefined, { Reason: `${name} comes twice` });
    texts[name] = child.text;
  }
  return texts;
}
