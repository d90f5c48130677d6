/**
 * The words of the wire and of the client, as types. Nothing here runs.
 *
 * @typedef {{id: string, name: string, devices?: number, lost_at?: number}} User  the last two among those who are here
 * @typedef {{seq: number, id: string}} Target  a message; after a restore seqs are given again, to messages with other ids
 * @typedef {{seq: number, user?: User, excerpt?: string, files?: number, rev?: number, ts?: number, deleted?: true, expired?: true}} Quote
 *   `files`: how many hang on it; `rev`: of the quoted text, the `edited_seq` of its message when the quote was made
 * @typedef {{id: string, name: string, type: string, size: number, width?: number, height?: number, placeholder?: string,
 *   thumbs?: number[], animated?: boolean, alt?: string, key?: string}} Upload  a file of a message, its size in bytes; `thumbs`: the
 *   longest sides of its smaller pictures, which do not move; `key`: of one of one's own that is
 *   on its way, whose bytes are here; then the id may be the same
 * @typedef {{emoji: string, count: number}} ReactionCount
 * @typedef {{id: string, name: string, since?: number}} Mention  somebody whom a text calls by this name; without an id, all who are here;
 *   `since`: the seq of the edit that called them first
 * @typedef {{content?: string, mentions?: Mention[], reply_to?: Target, quote?: Quote, edited_at?: number, edited_seq?: number,
 *   uploads?: Upload[], reactions?: ReactionCount[], deleted?: {at: number, by: string}}} Body  of a message; with `deleted` there is nothing else, and the content is empty
 * @typedef {{target: Target, emoji: string, user: User, on: boolean, count: number}} ReactionChange
 * @typedef {{target?: Target, gone?: boolean, by?: string, changes?: ReactionChange[]}} ChangeBody  an edit has more of a `Body`
 * @typedef {{room: string, seq: number, type: string, id: string, ts: number, user: User, client_id?: string,
 *   rev?: number, body: Body & ChangeBody}} LogEvent  `rev`: of the last change of this message; absent, its own seq
 * @typedef {Record<string, string[]>} Mine  by seq: the emoji with which one reacted
 * @typedef {{code: string, message?: string, retryable: boolean, retry_after_ms?: number,
 *   field?: string, suggestion?: string, wrote_at?: number, ref?: string, rev?: number, why?: string}} Refusal
 * @typedef {{ok: false, error: Refusal}} Refused
 * @typedef {[number, number]} PresenceVersion
 * @typedef {{v: PresenceVersion, users: User[], count: number}} PresenceAck
 * @typedef {{v: PresenceVersion, count: number, full?: User[], joined?: User[], left?: User[],
 *   changed?: User[]}} PresenceEvent
 * @typedef {{room: {retention_ms: number, id?: string, title?: string}, stream: string, head: number,
 *   floor: number, recovered: boolean, reason?: string, events: LogEvent[], mine?: Mine, more: boolean}} LogJoin
 * @typedef {LogJoin & {presence: PresenceAck, read: number | null}} JoinAck
 * @typedef {{events: LogEvent[], mine?: Mine, from: number | null, to: number | null, stream: string, head: number, floor: number,
 *   more_before: boolean, more_after: boolean}} HistoryAck
 * @typedef {{history: HistoryAck, read: number, mentions?: number, retention_ms: number}} Opening  `mentions`: how often one is called behind `read`
 * @typedef {{found: Record<string, {seq: number, ts: number, id?: string}>, unknown: string[]}} LookupAck
 * @typedef {{seq: number, id: string, ts: number, duplicate: boolean}} MessageAck
 * @typedef {{protocol: string, build: string, server_time: number, connection: string, user: User,
 *   device: string, limits: Record<string, unknown>, features: string[]}} Hello
 * @typedef {{code: string, retry: boolean, after_ms?: number}} Bye
 * @typedef {{after?: number, before?: number, around?: number, limit?: number}} HistoryRequest  one of the first three
 * @typedef {HistoryRequest & {room: string, limit: number}} HistoryQuestion
 * @typedef {'message' | 'edit' | 'delete' | 'react'} Kind
 * @typedef {{key: string, name: string, type: string, size: number, alt?: string, width?: number, height?: number,
 *   upload?: string, isThere?: boolean}} DraftFile  of a message that is on its way; `upload`: its id, once the server has given one;
 *   `isThere`: all of it is with the server, and can be sent
 * @typedef {{upload: string, isThere?: boolean} | {refusal: Refusal} | {delay: {refusal: Refusal, ms: number}} | {isRemoved: true}} FileNews  what became of a file of a message:
 *   it has an id, is with the server, was refused for good, or for so many milliseconds, or its person does not want it any more
 * @typedef {{bytes: Blob, name: string, type: string, alt?: string, width?: number, height?: number, key?: string}} ChosenFile  `width`, `height`:
 *   in pixels, of what could be shown as a picture; `key`: under which it is kept already
 * @typedef {{client_id: string, content: string, put_at: number, author?: User, kind?: Kind, mentions?: Mention[], reply_to?: Target, target?: Target,
 *   of?: string, rev?: number, not_before?: number, emoji?: string, on?: boolean, files?: DraftFile[], uploads?: string[]}} Draft
 *   without a kind, a message; `of`: the client id of the message that a change is of, as long as that has no place; `uploads`: those
 *   that stay, of an edit
 * @typedef {{ok: true, reactions: {emoji: string, count: number, users: User[]}[]} | Refused} ReactionsAck
 *
 * @typedef {{room: string, users: User[], ttl_ms: number}} TypingEvent
 * @typedef {{room: string, reason: string, head: number}} Resync
 * @typedef {{t: number, server_time: number, behind?: Record<string, number>}} PingAck
 *
 * @typedef {Record<string, (event: any) => void>} Hears  what a part of a room hears of the server, by name
 *
 * Ports: what the client needs and does not reach for itself, so that a test can own time and chance.
 * @typedef {() => number} Clock  milliseconds since 1970, on this machine
 * @typedef {{start(ms: number, ring: () => void): unknown, stop(timer: any): void}} Timers
 * @typedef {() => number} Random  in [0, 1)
 * @typedef {(question: HistoryQuestion) => Promise<({ok: true} & HistoryAck) | Refused>} FetchHistory  over HTTP; never rejects
 * @typedef {{load(room: string): Promise<Draft[]>, put(room: string, draft: Draft): Promise<void>,
 *   remove(room: string, clientId: string): Promise<void>}} OutboxStorage
 * @typedef {{keep(file: {key: string, client_id: string, room: string, bytes: Blob}): Promise<void>,
 *   bytesOf(key: string): Promise<Blob | null>, remove(keys: string[]): Promise<void>}} FileStorage
 * @typedef {{method: string, path: string, headers?: Record<string, string>, body?: Blob, signal?: AbortSignal,
 *   onProgress?: (sent: number) => void}} HttpRequest  `onProgress`: how many bytes of the body are on their way
 * @typedef {{status: number, header: (name: string) => string | null, body: any}} HttpAnswer  `body`: of JSON, or nothing
 * @typedef {(request: HttpRequest) => Promise<HttpAnswer>} Http  with one's credentials; rejects where there is no answer
 * @typedef {{on(name: string, listener: (...args: any[]) => void): unknown,
 *   emit(name: string, ...args: any[]): unknown, disconnect(): unknown}} Socket
 *   what is used of Socket.IO's socket; it connects when it is made and never again by itself
 */

export {};
