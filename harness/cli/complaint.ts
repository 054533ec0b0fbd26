/** Something is wrong with what the user asked for, or with this machine. The message says what to do; no stack. */
export class Complaint extends Error {
  override name = 'Complaint';
}
