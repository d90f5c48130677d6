/** Which tabs are alive where there are no Web Locks, on plain http: they ask each other over a channel. */

const ANSWER_MS = 150;

export function claimByChannel() {
  const channel = new BroadcastChannel('chat-devices');
  const heard = /** @type {Set<string>} */ (new Set());
  let mine = '';
  channel.addEventListener('message', ({ data }) => {
    if (data === 'who?' && mine) channel.postMessage(`me:${mine}`);
    else if (data.startsWith('me:')) heard.add(data.slice(3));
  });
  const living = async () => {
    heard.clear();
    channel.postMessage('who?');
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return new Set([...heard, mine]);
  };
  return {
    /** @param {string} device @returns {Promise<boolean>} */
    claim: async (device) => {
      if ((await living()).has(device)) return false;
      mine = device;
      return true;
    },
    living,
    alone: (/** @type {() => Promise<any>} */ work) => work(),
  };
}
