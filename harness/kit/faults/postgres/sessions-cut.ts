import { MetadataTables } from '../../census/metadata-tables.ts';
import type { Fault } from '../fault.ts';

/** PostgreSQL ends every session of the gateways, in whatever transaction they are; new ones are taken. */
export function sessionsCut(databaseUrl: string): Fault {
  return {
    start: async () => {
      await using tables = await MetadataTables.connect(databaseUrl);
      await tables.terminateGatewayConnections();
    },
    stop: async () => {},
    describe: () => 'every session of the gateways with postgres is cut',
  };
}
