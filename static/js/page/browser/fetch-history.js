/** A room's history without a socket: the same question over HTTP, and the same answer. */

import { BASE } from './place.js';

const TIMEOUT_MS = 10_000;

/**
 * @param {import('../../chat/types.js').HistoryQuestion} question
 * @param {{onServerTime: (serverTime: number) => void, server?: string, token?: string | null}} how  `onServerTime`: to the
 *   second, which is all that HTTP says; without a token the page's cookie says who one is
 * @returns {ReturnType<import('../../chat/types.js').FetchHistory>}
 */
export async function fetchHistory({ room, ...query }, { onServerTime, server = BASE, token = null }) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const headers = { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  try {
    const response = await fetch(`${server}/api/rooms/${encodeURIComponent(room)}/events?${parameters}`, {
      credentials: 'same-origin', headers, signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) onServerTime(date);
    return await response.json();
  } catch {
    return { ok: false, error: { code: 'not_connected', message: 'The server cannot be reached.', retryable: true } };
  }
}
