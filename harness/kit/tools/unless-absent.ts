/** For `catch`: a file that is not there is no failure, and gives undefined. Throws every other error. */
export function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
