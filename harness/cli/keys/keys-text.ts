import type { ListedKey, NewKey } from '../../kit/clients/access-keys-client.ts';

export function newKeyText(key: NewKey): string {
  const rows = [
    ['account', `${key.account_id}  ${key.display_name}${key.email === null ? '' : `  ${key.email}`}`],
    ['access key', key.access_key],
    ['secret key', `${key.secret_key}  (shown only now)`],
  ];
  return rows.map(([label = '', value]) => `${label.padEnd(12)}${value}`).join('\n');
}

export function keyTable(keys: readonly ListedKey[]): string {
  const rows = [
    ['access key', 'state', 'made', 'account', 'name', 'e-mail'],
    ...keys.map((key) => [
      key.access_key,
      key.enabled ? 'enabled' : 'disabled',
      key.created_at.slice(0, 10),
      key.account_id,
      key.display_name,
      key.email ?? '',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
