/** A picture as the browser can show it, upright: how wide and how high it is. */

/** @param {string} url @returns {Promise<HTMLImageElement | null>} nothing: it cannot be shown */
export async function pictureOf(url) {
  const picture = new Image();
  picture.alt = '';
  picture.src = url;
  try {
    await picture.decode();
    return picture.naturalWidth > 0 ? picture : null;
  } catch {
    return null;
  }
}
