/**
 * Does a piece of work once per frame, however often it is asked for.
 *
 * A page that is not looked at has no frames; there it is done all the same, a little later.
 */

const WITHOUT_FRAMES_MS = 200;

/**
 * @param {() => void} work
 * @returns {() => void} asks for it
 */
export function oncePerFrame(work) {
  let isAsked = false;
  const run = () => {
    if (!isAsked) return;
    isAsked = false;
    work();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(run);
    setTimeout(run, WITHOUT_FRAMES_MS);
  };
}
