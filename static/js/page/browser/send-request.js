/** HTTP for what is sent in large pieces: how much of it is on its way is told, and what stands still is given up. */

/** Without a byte for so long the connection is as good as gone. */
const STILL_MS = 30_000;

/**
 * @param {{server: string, token: () => string | null, isElsewhere?: boolean}} by without a token the page's cookie says who one is;
 *   `isElsewhere`: in a page of another site
 * @returns {import('../../chat/types.js').Http}
 */
export function httpBy({ server, token, isElsewhere = false }) {
  return ({ method, path, headers = {}, body, signal, onProgress }) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const watch = new Watch(() => request.abort());
    const failed = () => reject(new Error('The server cannot be reached.'));
    request.open(method, server + path);
    request.withCredentials = !isElsewhere;
    const bearer = token();
    for (const [name, value] of Object.entries({ accept: 'application/json', ...headers, ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) })) {
      request.setRequestHeader(name, value);
    }
    request.upload.addEventListener('progress', ({ loaded }) => {
      watch.moved();
      onProgress?.(loaded);
    });
    request.addEventListener('load', () => resolve(answerOf(request)));
    for (const end of ['error', 'abort', 'timeout']) request.addEventListener(end, failed);
    request.addEventListener('loadend', () => watch.end());
    signal?.addEventListener('abort', () => request.abort());
    if (signal?.aborted) failed();
    else request.send(body);
  });
}

class Watch {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} onStill */
  constructor(onStill) {
    this.onStill = onStill;
    this.moved();
  }

  moved() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.onStill, STILL_MS);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/** @param {XMLHttpRequest} request @returns {import('../../chat/types.js').HttpAnswer} */
function answerOf(request) {
  return { status: request.status, header: (name) => request.getResponseHeader(name), body: parsed(request.responseText) };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // it has none, or comes from something on the way
  }
}
