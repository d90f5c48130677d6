/**
 * The words of a log: what its driver tells it, and what it asks for. Nothing here runs.
 *
 * @typedef {import('../types.js').LogEvent} LogEvent
 * @typedef {import('../types.js').LogJoin} LogJoin
 * @typedef {import('../types.js').HistoryAck} HistoryAck
 * @typedef {import('../types.js').HistoryRequest} HistoryRequest
 * @typedef {{do: 'open'} | {do: 'join_ack', ack: LogJoin} | {do: 'event', event: LogEvent}
 *   | {do: 'timer', name: 'gap'} | {do: 'history_ack', request: HistoryRequest, ack: HistoryAck}
 *   | {do: 'history_failed', request: HistoryRequest, retry_after_ms?: number}
 *   | {do: 'behind', head: number} | {do: 'resync'} | {do: 'closed'} | {do: 'older'}
 *   | {do: 'fill', from: number} | {do: 'fill', to: number} | {do: 'around', seq: number} | {do: 'expire', now: number}
 *   | {do: 'page', ack: HistoryAck, retention_ms: number} | {do: 'user', id: string}} LogInput  `page`: the newest, read
 *   without a socket; `user`: who one is
 * @typedef {{do: 'join', since: {stream: string, seq: number} | null}
 *   | ({do: 'history'} & HistoryRequest) | {do: 'show' | 'changed' | 'hide', seqs: number[]}
 *   | import('../timing/one-timer.js').TimerAction<'gap'>} LogAction
 */

export {};
