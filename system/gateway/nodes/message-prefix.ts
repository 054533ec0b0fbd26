/** Length-Prefixed-Message of gRPC over HTTP/2: one byte of flags (0: not compressed) and four of length. */
export const MESSAGE_PREFIX_BYTES = 5;

/** Writes the prefix into the memory in front of a message that frameData() made: it leaves room there. The view returned includes both. */
export function withPrefix(frame: Buffer): Buffer {
  const framed = Buffer.from(
    frame.buffer,
    frame.byteOffset - MESSAGE_PREFIX_BYTES,
    frame.length + MESSAGE_PREFIX_BYTES,
  );
  framed[0] = 0;
  framed.writeUInt32BE(frame.length, 1);
  return framed;
}

/** A copy of a message, with its prefix. For small messages. */
export function prefixed(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(MESSAGE_PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, MESSAGE_PREFIX_BYTES);
  return framed;
}
