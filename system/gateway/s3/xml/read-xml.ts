import { SaxesParser } from 'saxes';
import { S3Error } from '../errors.ts';

/** An element of a request's document. Names are without their namespace prefix. */
export interface XmlElement {
  readonly name: string;
  /** All text right below it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The deepest document that a client may send has 5 levels. */
const DEPTH_MAX = 10;
/** CompleteMultipartUpload names up to 10,000 parts, each with some elements. */
const ELEMENTS_MAX = 100_000;

interface OpenElement {
  name: string;
  text: string;
  children: XmlElement[];
}

/**
 * Reads the document of a request. Throws MalformedXML when it is not well-formed UTF-8, when its root is another than
 * `root`, or when it goes beyond what such documents need: declarations of a document type, and with them entities,
 * are refused, since they make a short document a long one.
 */
export function readXml(document: Buffer, root: string): XmlElement {
  const stack: OpenElement[] = [{ name: '', text: '', children: [] }];
  let elements = 0;
  const parser = new SaxesParser({ position: false });
  parser.on('error', (error) => refuse(error.message));
  parser.on('doctype', () => refuse('a document type is not allowed'));
  parser.on('processinginstruction', () => refuse('processing instructions are not allowed'));
  parser.on('opentag', ({ name }) => {
    elements++;
    if (elements > ELEMENTS_MAX) refuse(`there are more than ${ELEMENTS_MAX} elements`);
    if (stack.length > DEPTH_MAX) refuse(`elements are nested more than ${DEPTH_MAX} deep`);
    const element: OpenElement = { name: name.replace(/^.*:/, ''), text: '', children: [] };
    stack.at(-1)?.children.push(element);
    stack.push(element);
  });
  const addText = (text: string) => {
    const open = stack.at(-1);
    if (open !== undefined) open.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => void stack.pop());
  parser.write(decodeUtf8(document)).close();
  const found = stack[0]?.children[0];
  if (found?.name !== root) return refuse(`the root element must be ${root}`);
  return found;
}

function decodeUtf8(document: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(document);
  } catch {
    return refuse('it is not UTF-8');
  }
}

function refuse(why: string): never {
  throw new S3Error('MalformedXML', undefined, { Reason: why });
}
