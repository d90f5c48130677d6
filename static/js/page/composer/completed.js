/**
 * What one begins to write may become, as types. Nothing here runs.
 *
 * @typedef {{shown: (Node | string)[], text: string, onTaken?: () => void}} Choice  `text` takes the place of the word
 * @typedef {{label: string, begun: RegExp, find: (word: string) => Promise<Choice[]> | Choice[]}} Source  `begun`: what it completes, as
 *   it stands before the caret, in its first group
 */

export {};
