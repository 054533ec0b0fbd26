/**
 * SQL for every server that may have a replica of the chunk in the row `row`: the primary first, each once. The
 * list is empty in rows that other programs insert, and means the primary alone then.
 */
export function allReplicas(row: string): string {
  return `array_prepend(${row}.storage_server_id, array_remove(${row}.replica_server_ids, ${row}.storage_server_id))`;
}
