/** The bytes of a file of one's own, as far as they can be shown in the place of what others have of it. */

/**
 * A picture that was sent may be of another kind by now: one that is shown here, where its own bytes are not.
 *
 * @param {import('../../chat/uploads/room-files.js').RoomFiles} files of the room
 * @param {import('../../chat/types.js').Upload} upload
 * @returns {Blob | null} nothing: it is not one's own, or what others have is to be taken
 */
export function ownBytes(files, { id, type, key }) {
  const bytes = files.bytes.get(key ?? files.keyOf(id) ?? '') ?? null;
  const isOther = key === undefined && type.startsWith('image/') && bytes?.type !== type;
  return isOther ? null : bytes;
}
