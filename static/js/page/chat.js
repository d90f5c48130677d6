/**
 * The room page: signs in, opens the connection, and lets the views show what the client has.
 */

import { Connection, Heartbeat, Room, ServerClock } from '../chat/index.js';
import { ports, openSocket } from './browser-ports.js';
import { RoomPage } from './room-page.js';
import { keepAboveKeyboard } from './keyboard-room.js';
import { fetchHistory } from './fetch-history.js';
import { forgetWhatIsOld, rememberedRetentionMs } from './left-behind.js';
import { takePlace } from './living-tabs.js';
import { outboxStorage } from './outbox-storage.js';
import { randomId } from './random-id.js';
import { signIn } from './session.js';
import { knownUser } from './known-user.js';
import { NameDialog } from './views/name-dialog.js';

const room = document.body.dataset.roomId ?? '';
const dialog = new NameDialog(signIn);
keepAboveKeyboard();
await forgetWhatIsOld();

const user = (await knownUser()) ?? (await dialog.ask({ title: 'What should people call you?', submit: 'Join the room', cancel: 'Back' }));
if (user) await enter(user);
else location.assign('/');

/** @param {import('./session.js').User} me */
async function enter(me) {
  const tab = await takePlace();
  const connection = new Connection({ ...ports, open: (lostInARow) => openSocket(room, tab.device, lostInARow) });
  const storage = outboxStorage({ user: () => joined.me.id, tab });
  const serverClock = new ServerClock(ports.clock);
  const joined = new Room({
    ...ports, id: room, connection, storage, newId: randomId, serverClock, retentionMs: rememberedRetentionMs(),
    fetchHistory: (question) => fetchHistory(question, (time) => serverClock.hear(time)),
  });
  joined.become(me);
  const heartbeat = new Heartbeat({
    ...ports, connection, serverClock, heads: () => ({ [room]: joined.log.last }), onBehind: ({ head }) => joined.behind(head),
  });
  const page = new RoomPage({ room: joined, connection, heartbeat, serverClock, dialog });
  await joined.outboxLink.restore();
  page.start();
}
