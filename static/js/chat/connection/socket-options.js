/**
 * How the socket is opened: WebSocket first, polling where that is blocked, and no reconnection of
 * Socket.IO's own, because resuming and backing off are decided here (see Connection). Some networks
 * swallow a WebSocket instead of refusing it; so every third attempt in a row begins with polling.
 *
 * `auth` never changes while a page is open: some clients send their first one again on every
 * reconnect. A page signs its socket in by cookie and leaves the token out.
 *
 * @param {{room: string, device: string, client: string, token?: string | null}} who
 * @param {number} [lostInARow] attempts before this one
 */
export function socketOptions({ room, device, client, token = null }, lostInARow = 0) {
  return {
    auth: { ...(token === null ? {} : { token }), device, client, protocol: '1' },
    query: { room },
    transports: lostInARow % 3 === 2 ? ['polling', 'websocket'] : ['websocket', 'polling'],
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    timeout: 10_000,
  };
}
