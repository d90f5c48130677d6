/**
 * All rows of the list, of which the screen shows some: the timeline with what the page itself has to say at
 * its ends. They are made again only when what they are made of has changed.
 *
 * @typedef {import('./layout-rows.js').ListRow} ListRow
 * @typedef {import('../../chat/room.js').Room} Room
 * @typedef {ListRow | {kind: 'loading' | 'empty', key: string}} Row
 * @typedef {{room: Room, times: import('../text/times.js').Times, joins: () => import('../people/joins.js').Joins[],
 *   newFrom: () => number | null, isHeld: () => boolean, isLeftAsItIs: () => boolean}} RowPorts
 *   `joins`: those that are to be shown; `isHeld`: where the list opens is not known yet; `isLeftAsItIs`: what one sees is read again
 */

import { withJoins } from '../people/joins.js';
import { layoutRows } from './layout-rows.js';

export class ListRows {
  /** @type {unknown[]} */
  #madeOf = [];
  /** @type {Row[]} */
  #rows = [];
  /** Without what stands at the ends, which comes and goes with every page that is loaded. */
  #laidOut = { of: /** @type {unknown[]} */ ([]), rows: /** @type {ListRow[]} */ ([]) };

  /** @param {RowPorts} ports */
  constructor(ports) {
    this.ports = ports;
  }

  /** There will be rows, and there are none to see yet. */
  get isWaiting() {
    const { room, isHeld } = this.ports;
    return isHeld() || (room.log.stream === null && room.status.state !== 'refused' && room.lines().length === 0);
  }

  /** The same array for as long as nothing has changed. */
  now() {
    const { room, joins, newFrom, isHeld, isLeftAsItIs } = this.ports;
    if (isLeftAsItIs()) return this.#rows;
    const { stream, isLoadingOlder } = room.log;
    const parts = [room.lines(), joins(), newFrom(), stream, isLoadingOlder, isHeld()];
    if (areOthers(parts, this.#madeOf)) this.#rows = isHeld() ? [] : this.#make();
    this.#madeOf = parts;
    return this.#rows;
  }

  /** @returns {Row[]} */
  #make() {
    const { stream, isLoadingOlder } = this.ports.room.log;
    const rows = this.#layout();
    const isEmpty = stream !== null && !rows.some((row) => row.kind === 'message' || row.kind === 'deleted');
    return [
      .../** @type {Row[]} */ (isLoadingOlder ? [{ kind: 'loading', key: 'loading' }] : []), ...rows,
      .../** @type {Row[]} */ (isEmpty ? [{ kind: 'empty', key: 'empty' }] : []),
    ];
  }

  #layout() {
    const { room, times, joins, newFrom } = this.ports;
    const of = [room.lines(), joins(), newFrom()];
    if (areOthers(of, this.#laidOut.of)) {
      this.#laidOut = { of, rows: layoutRows(withJoins(room.lines(), joins()), (ts) => times.dayKey(ts), newFrom()) };
    }
    return this.#laidOut.rows;
  }
}

/** @param {unknown[]} parts @param {unknown[]} before */
function areOthers(parts, before) {
  return parts.some((part, index) => part !== before[index]);
}
