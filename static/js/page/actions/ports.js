/**
 * What an action takes of the page around it.
 *
 * @typedef {import('../timeline/row-tools.js').Act} Act
 * @typedef {import('../timeline/row-tools.js').MessageLine} MessageLine
 * @typedef {{room: import('../../chat/room.js').Room, edit: (line: MessageLine, text?: string) => void,
 *   reply: (line: MessageLine) => void, follow: (from: number, to: number) => void, copy: (text: string) => Promise<boolean>,
 *   copyMessageLink: (seq: number) => Promise<boolean>, rowOf: (seq: number) => HTMLElement | null, toList: () => void,
 *   onProblem: (words: string) => void}} ActionPorts  `rowOf`: brought onto the screen
 * @typedef {{line: MessageLine, at: HTMLElement, asks: Act, may: Set<Act>, ports: ActionPorts,
 *   actions: Pick<import('../timeline/row-tools.js').Actions, 'act' | 'react'>}} Asked
 *   `at`: where; `asks`: for a reaction, or for all that there is
 */

export {};
