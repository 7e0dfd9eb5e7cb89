import type { components } from "./openapi.ts";

/** Names for what the API takes and answers. The shapes are the OpenAPI document's. */

type Schemas = components["schemas"];

export type Job = Schemas["Job"];
export type JobList = Schemas["JobList"];
export type JobEvent = Schemas["JobEvent"];
export type Image = Schemas["Image"];
export type Failure = Schemas["Failure"];
export type Waiting = Schemas["Waiting"];
export type ModelList = Schemas["ModelList"];
export type GenerationRequest = Omit<Schemas["GenerationBody"], "dry_run">;
export type EditRequest = Omit<Schemas["EditRequest"], "dry_run">;
export type ImageSource = Schemas["ImageSource"];
export type UploadRequest = Schemas["UploadRequest"];
export type UploadTickets = Schemas["UploadTickets"];
export type UploadTicket = UploadTickets["uploads"][number];
export type Upload = Schemas["Upload"];
export type Batch = Schemas["Batch"];
export type BatchList = Schemas["BatchList"];
export type ShareRequest = Schemas["ShareRequest"];
export type Share = Schemas["Share"];
export type ShareList = Schemas["ShareList"];
export type TokenRequest = Schemas["TokenRequest"];
export type IssuedToken = Schemas["IssuedToken"];
export type ErrorReply = Schemas["Error"];
export type ErrorCode = ErrorReply["error"]["code"];
