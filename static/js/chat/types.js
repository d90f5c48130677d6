/**
 * The words of the wire and of the client, as types. Nothing here runs.
 *
 * @typedef {{id: string, name: string, devices?: number, lost_at?: number}} User  the last two among those who are here
 * @typedef {{room: string, seq: number, type: string, id: string, ts: number, user: User,
 *   client_id?: string, body: {content?: string}}} LogEvent
 * @typedef {{code: string, message?: string, retryable: boolean, retry_after_ms?: number,
 *   field?: string, suggestion?: string, wrote_at?: number, ref?: string}} Refusal
 * @typedef {{ok: false, error: Refusal}} Refused
 * @typedef {[number, number]} PresenceVersion
 * @typedef {{v: PresenceVersion, users: User[], count: number}} PresenceAck
 * @typedef {{v: PresenceVersion, count: number, full?: User[], joined?: User[], left?: User[],
 *   changed?: User[]}} PresenceEvent
 * @typedef {{room: {retention_ms: number, id?: string, title?: string}, stream: string, head: number,
 *   floor: number, recovered: boolean, reason?: string, events: LogEvent[], more: boolean}} LogJoin
 * @typedef {LogJoin & {presence: PresenceAck, read: number | null}} JoinAck
 * @typedef {{events: LogEvent[], from: number | null, to: number | null, stream: string, head: number, floor: number,
 *   more_before: boolean, more_after: boolean}} HistoryAck
 * @typedef {{history: HistoryAck, read: number, retention_ms: number}} Opening
 * @typedef {{found: Record<string, {seq: number, ts: number}>, unknown: string[]}} LookupAck
 * @typedef {{seq: number, id: string, ts: number, duplicate: boolean}} MessageAck
 * @typedef {{protocol: string, build: string, server_time: number, connection: string, user: User,
 *   device: string, limits: Record<string, unknown>, features: string[]}} Hello
 * @typedef {{code: string, retry: boolean, after_ms?: number}} Bye
 * @typedef {{after?: number, before?: number, around?: number}} HistoryRequest  one of them
 * @typedef {HistoryRequest & {room: string, limit: number}} HistoryQuestion
 * @typedef {{client_id: string, content: string, put_at: number, author?: User}} Draft
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
 * @typedef {{on(name: string, listener: (...args: any[]) => void): unknown,
 *   emit(name: string, ...args: any[]): unknown, disconnect(): unknown}} Socket
 *   what is used of Socket.IO's socket; it connects when it is made and never again by itself
 */

export {};
