// The types of the part of a library that `make setup` puts here.
export { InlineContext, parser } from "@lezer/markdown";
export type { BlockContext, BlockParser, InlineParser, Line, MarkdownConfig } from "@lezer/markdown";
