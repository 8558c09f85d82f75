/** Shapes of the REST API and of the documents it carries, as the server publishes them. */

export type * from "./approvals";
export type * from "./connections";
export type * from "./deadLetters";
export type * from "./flows";
export type * from "./json";
export type * from "./mapping";
export type * from "./overview";
export type * from "./people";
export type * from "./runs";
