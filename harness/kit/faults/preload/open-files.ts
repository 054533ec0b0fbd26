import fs from 'node:fs';

type Callback = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;
type CallbackStyle = (...args: unknown[]) => void;

/** The paths of the files that are open now and wanted, by file descriptor; kept true from now on. */
export function trackOpenFiles(isWanted: (path: unknown) => boolean): ReadonlyMap<unknown, string> {
  const paths = new Map<unknown, string>();
  const { open, close } = fs as unknown as { open: CallbackStyle; close: CallbackStyle };
  Reflect.set(fs, 'open', (...args: unknown[]) => {
    const done = args.at(-1) as Callback;
    open(...args.slice(0, -1), (error: NodeJS.ErrnoException | null, fd: unknown) => {
      if (error === null && isWanted(args[0])) paths.set(fd, args[0] as string);
      done(error, fd);
    });
  });
  Reflect.set(fs, 'close', (...args: unknown[]) => {
    // Before it is closed: afterwards another file may have the number.
    paths.delete(args[0]);
    close(...args);
  });
  return paths;
}
