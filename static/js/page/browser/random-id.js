/** An id nobody else makes. `crypto.randomUUID` is missing on plain http, where this chat is used too. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
