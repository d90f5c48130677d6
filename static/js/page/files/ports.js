/**
 * What shows files takes of the page around it.
 *
 * @typedef {import('../../chat/types.js').Upload} Upload
 * @typedef {{key: string, author: import('../../chat/types.js').User, isMine: boolean, ts: number, seq: number | null, state: string,
 *   clientId: string | null, body: {uploads?: Upload[]}}} LineWithFiles
 * @typedef {{room: import('../../chat/room.js').Room, by: By, onProblem: (words: string) => unknown,
 *   time: (ts: number) => string}} ShowPorts
 * @typedef {{server: string, token: () => string | null}} By  without a token the page's cookie says who one is
 */

export {};
