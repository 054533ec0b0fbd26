/**
 * Every part keeps one port, on 127.0.0.1 of this machine and in its container. So its address for other containers
 * follows from that for this machine, and no table is needed: who has port 20123 is called `port-20123` there.
 */
export function inner(address: string): string {
  return address.replaceAll(/127\.0\.0\.1:(\d+)/g, 'port-$1:$1');
}

export function aliasOf(port: number): string {
  return `port-${port}`;
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
