/**
 * What a reader sees of a text. The server has the same rule (`chatapp/rooms/sight.py`), held by the same vectors.
 */

const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffc]/u;

/** Whether a reader has nothing before their eyes: white space, controls, and whatever else shows nothing. @param {string} text */
export function showsNothing(text) {
  return !VISIBLE.test(text);
}
