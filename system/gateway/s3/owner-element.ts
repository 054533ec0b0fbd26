import type { Account } from '../objects/object-ports.ts';
import { type Xml, xmlElement, xmlText } from './xml/write-xml.ts';

export function ownerElement(account: Account, name = 'Owner'): Xml {
  return xmlElement(name, [xmlText('ID', account.accountId), xmlText('DisplayName', account.displayName)]);
}
