/**
 * How the socket is opened: WebSocket first, polling where that is blocked, and no reconnection of
 * Socket.IO's own, because resuming and backing off are decided here (see Connection).
 *
 * `auth` never changes while a page is open: some clients send their first one again on every
 * reconnect. A page signs its socket in by cookie and leaves the token out.
 *
 * @param {{room: string, device: string, client: string, token?: string | null}} who
 */
export function socketOptions({ room, device, client, token = null }) {
  return {
    auth: { ...(token === null ? {} : { token }), device, client, protocol: '1' },
    query: { room },
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    timeout: 10_000,
  };
}
