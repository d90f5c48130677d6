/**
 * The words of an outbox: what its driver tells it, and what it asks for. Nothing here runs.
 *
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {import('../types.js').DraftFile} DraftFile
 * @typedef {import('../types.js').FileNews} FileNews
 * @typedef {import('../types.js').Kind} Kind
 * @typedef {import('../types.js').Refusal} Refusal
 * @typedef {import('../types.js').Target} Target
 * @typedef {import('../types.js').LookupAck} LookupAck
 * @typedef {import('../types.js').User} User
 * @typedef {{ok: true, seq?: number, id?: string} | {ok: false, error: Refusal}} SendAck
 * @typedef {import('../types.js').Mention} Mention
 * @typedef {{kind?: 'message', content: string, mentions?: Mention[], reply_to?: Target, files?: DraftFile[]}
 *   | {kind: 'edit', content: string, mentions?: Mention[], target?: Target, of?: string, rev?: number, uploads?: string[]} | {kind: 'delete', target?: Target, of?: string}
 *   | {kind: 'react', target: Target, emoji: string, on: boolean}} Put  `of`: the client id of a message that has no place yet
 * @typedef {{now: number} & ({do: 'user', user: User} | {do: 'restore', entries: Draft[]}
 *   | ({do: 'put', client_id: string} & Put) | {do: 'ready'} | {do: 'closed'}
 *   | {do: 'ack', client_id: string, ack: SendAck} | {do: 'own_event', client_id: string, seq: number, id?: string, user?: string}
 *   | {do: 'lookup_ack', ack: LookupAck} | {do: 'lookup_failed', retry_after_ms?: number}
 *   | {do: 'timer', name: Timer} | {do: 'retry' | 'discard' | 'undo', client_id: string} | {do: 'flush'}
 *   | ({do: 'file', client_id: string, key: string} & FileNews))} OutboxInput
 * @typedef {'ack' | 'retry' | 'delay' | 'react'} Timer
 * @typedef {{do: 'store', client_id: string} | {do: 'forget', client_id: string}
 *   | {do: 'sent', client_id: string, seq?: number} | {do: 'failed' | 'refused', client_id: string, code: string}
 *   | {do: 'ask', client_id: string} | {do: 'rejoin'} | {do: 'lookup', client_ids: string[]}
 *   | {do: 'upload', client_id: string}
 *   | {do: 'send', kind?: Kind, client_id: string, content?: string, mentions?: Mention[], reply_to?: Target, target?: Target, rev?: number,
 *   emoji?: string, on?: boolean, uploads?: string[], retry?: boolean}
 *   | import('../timing/one-timer.js').TimerAction<Timer>} OutboxAction
 */

export {};
