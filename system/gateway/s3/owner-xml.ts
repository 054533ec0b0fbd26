import type { Account } from '../objects/account-ports.ts';
import { type Xml, xmlElement, xmlText } from './xml/write-xml.ts';

/** An element that tells an account: Owner or Initiator. */
export function ownerXml(name: 'Owner' | 'Initiator', { accountId, displayName }: Account): Xml {
  return xmlElement(name, [xmlText('ID', accountId), xmlText('DisplayName', displayName)]);
}
