/**
 * The number on the icon of the installed app: what is unread in all rooms that are open here.
 *
 * The icon belongs to all tabs of this chat together, so each tells the others its own number, and all set the sum.
 * Two tabs of one room have the same number. A chat under another path of this host is another app.
 *
 * @typedef {{room: string, count: number, isGone?: boolean} | 'what is yours?'} Told
 */

/**
 * @param {{base: string, room: string}} place
 * @returns {(unread: number) => void}
 */
export function showBadge({ base, room }) {
  if (!('setAppBadge' in navigator)) return () => {};
  const channel = new BroadcastChannel(`${base}chat-unread`);
  const counts = new Map([[room, 0]]);
  const tellMine = () => channel.postMessage({ room, count: counts.get(room) ?? 0 });
  const show = () => navigator.setAppBadge(sumOf(counts)).catch(() => {});

  channel.addEventListener('message', (/** @type {MessageEvent<Told>} */ { data }) => {
    if (data === 'what is yours?') return tellMine();
    if (data.room !== room) counts.set(data.room, data.count);
    // Another tab of this room has closed, and this one is still open.
    else if (data.isGone) tellMine();
    show();
  });
  channel.postMessage('what is yours?');
  addEventListener('pagehide', () => channel.postMessage({ room, count: 0, isGone: true }));

  return (unread) => {
    if (counts.get(room) === unread) return;
    counts.set(room, unread);
    tellMine();
    show();
  };
}

/** @param {Map<string, number>} counts */
function sumOf(counts) {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
