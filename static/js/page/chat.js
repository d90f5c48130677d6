/**
 * The room page, once it is known who comes: the client, its connection, and the views around them.
 */

import { Connection, Heartbeat, Room, ServerClock } from '../chat/index.js';
import { doneOrLate } from './browser/circuit-breaker.js';
import { fetchHistory } from './browser/fetch-history.js';
import { claimDevice } from './browser/living-tabs.js';
import { pageCameAt } from './browser/opening.js';
import { BASE } from './browser/place.js';
import { ports, openSocket } from './browser/ports.js';
import { randomId } from './browser/random-id.js';
import { prepareFiles } from './files/message-files.js';
import { prepareForm } from './form/form.js';
import { visitToken } from './identity/session.js';
import { RoomPage } from './room-page.js';
import { RoomDraft } from './storage/draft.js';
import { outboxStorage } from './storage/outbox-storage.js';
import { forgetWhatIsOld, rememberedRetentionMs } from './storage/retention.js';

/**
 * @param {{id: string, me: import('../chat/types.js').User, opening: import('./browser/opening.js').PageOpening | null,
 *   dialog: import('./identity/name-dialog.js').NameDialog}} who
 */
export async function enter({ id, me, opening, dialog }) {
  const swept = forgetWhatIsOld();
  const tab = await claimDevice();
  const who = () => ({ room: id, device: tab.device, client: 'page', token: visitToken() });
  const connection = new Connection({ ...ports, open: (lostInARow) => openSocket(who(), lostInARow) });
  const storage = outboxStorage({ user: () => room.me.id, tab });
  const serverClock = new ServerClock(ports.clock);
  const filesBy = { server: BASE, token: visitToken };
  const room = new Room({
    ...ports, id, connection, storage, newId: randomId, serverClock, retentionMs: rememberedRetentionMs(),
    fetchHistory: (question) => fetchHistory(question, { token: visitToken(), onServerTime: (time) => serverClock.hear(time) }),
    loadFiles: async () => {
      const { toolsFor, fileStorage } = await import('./files/tools.js');
      return toolsFor(filesBy, fileStorage());
    },
  });
  room.become(me);
  if (opening) serverClock.hear(opening.server_time, pageCameAt());
  if (opening?.room) room.open(opening.room);
  const heartbeat = new Heartbeat({
    ...ports, connection, serverClock, heads: () => ({ [id]: room.log.last }), onBehind: ({ head }) => room.behind(head),
  });
  const page = new RoomPage({ room, connection, heartbeat, serverClock, dialog, filesBy, draft: new RoomDraft({ room: id, tab }) });
  const messages = room.lines().filter((line) => line.kind === 'message');
  const prepared = [prepareForm(messages.map(({ content }) => content)), prepareFiles(messages)];
  await Promise.all([doneOrLate(swept.then(() => room.outboxDriver.restore())), ...prepared]);
  page.start();
}
