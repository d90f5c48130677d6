/**
 * Into the room, as somebody who is known: the client, its connection, and the page around them.
 */

import { Connection, Heartbeat, Room, ServerClock } from '../chat/index.js';
import { ports, openSocket } from './browser-ports.js';
import { fetchHistory } from './fetch-history.js';
import { forgetWhatIsOld, rememberedRetentionMs } from './left-behind.js';
import { takePlace } from './living-tabs.js';
import { pageCameAt } from './opening.js';
import { outboxStorage } from './outbox-storage.js';
import { randomId } from './random-id.js';
import { RoomPage } from './room-page.js';

/**
 * @param {{id: string, me: import('../chat/types.js').User, opening: import('./opening.js').PageOpening | null,
 *   dialog: import('./views/name-dialog.js').NameDialog}} who  `id`: the room's
 */
export async function enter({ id, me, opening, dialog }) {
  await forgetWhatIsOld();
  const tab = await takePlace();
  const connection = new Connection({ ...ports, open: (lostInARow) => openSocket({ room: id, device: tab.device, client: 'page' }, lostInARow) });
  const storage = outboxStorage({ user: () => room.me.id, tab });
  const serverClock = new ServerClock(ports.clock);
  const room = new Room({
    ...ports, id, connection, storage, newId: randomId, serverClock, retentionMs: rememberedRetentionMs(),
    fetchHistory: (question) => fetchHistory(question, { onServerTime: (time) => serverClock.hear(time) }),
  });
  room.become(me);
  if (opening) serverClock.hear(opening.server_time, pageCameAt());
  if (opening?.room) room.open(opening.room);
  const heartbeat = new Heartbeat({
    ...ports, connection, serverClock, heads: () => ({ [id]: room.log.last }), onBehind: ({ head }) => room.behind(head),
  });
  const page = new RoomPage({ room, connection, heartbeat, serverClock, dialog });
  await room.outboxLink.restore();
  page.start();
}
