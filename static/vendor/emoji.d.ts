// The types of what `make setup` takes from a library: groups of rows, in each an emoji, its names, its label, other words.
export const GROUPS: [group: string, rows: string[]][];
