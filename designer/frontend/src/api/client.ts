/** The only place that calls fetch. Answers are JSON, refusals become ApiProblem. */

import { parseExact } from "./exact";
import { logInEnded } from "./session";
import type { Json } from "./types";

interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  hint?: string | null;
  request_id?: string;
  [extra: string]: unknown;
}

/** A refusal by the server (application/problem+json), or a request that never got an answer. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly hint: string | null;
  readonly requestId: string | null;
  /** Members beyond RFC 9457, such as `problems` or `current`. */
  readonly extras: Record<string, unknown>;

  constructor(status: number, body: ProblemBody) {
    super(body.detail || body.title || "The request failed.");
    this.name = "ApiProblem";
    this.status = status;
    this.code = body.code ?? (status === 0 ? "network.unreachable" : `http.${status}`);
    this.title = body.title ?? "Request failed";
    this.hint = body.hint ?? null;
    this.requestId = body.request_id ?? null;
    this.extras = body;
  }
}

/** Any thrown value as an ApiProblem, so that screens have one kind of error to show. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiProblem(0, { title: "Something went wrong", detail, code: "client.error" });
}

export type Query = Record<string, string | number | boolean | null | undefined>;

interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** Goes as it is, in place of a body. */
  file?: File;
  signal?: AbortSignal;
  /** Keeps numbers digit by digit, for documents that are shown or sent back. */
  exact?: boolean;
}

function csrfToken(): string {
  const match = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return match?.[1] ? decodeURIComponent(match[1]) : "";
}

export function withQuery(path: string, query?: Query): string {
  if (!query) return path;
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  try {
    return new ApiProblem(response.status, parseExact(text) as ProblemBody);
  } catch {
    return new ApiProblem(response.status, {
      title: `The server answered ${response.status}`,
      detail: "The answer was not in the form this page expects.",
      hint: "Reload the page. If it stays, tell your administrator the time it happened.",
    });
  }
}

/** The answer of a request that was granted; a refusal is thrown. */
async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.file) {
    headers["Content-Type"] = "application/octet-stream";
    headers["X-File-Name"] = encodeURIComponent(options.file.name);
  }
  let response: Response;
  try {
    response = await fetch(withQuery(`/api/v1${path}`, options.query), {
      method,
      headers,
      credentials: "same-origin",
      body: options.file ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(0, {
      title: "Causeway cannot be reached",
      detail: "The server did not answer.",
      hint: "Check your network. Nothing you entered is lost while this page stays open.",
    });
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 || problem.code === "auth.not_authenticated") logInEnded();
    throw problem;
  }
  return response;
}

async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  if (!text) return undefined as T;
  return (options.exact ? parseExact(text) : JSON.parse(text)) as T;
}

/** A file that the server makes of what is sent, under the name it gives. */
async function fetchFile(path: string, body: unknown): Promise<File> {
  const response = await send("POST", path, { body });
  const said = response.headers.get("Content-Disposition") ?? "";
  const name = /filename="?([^";]+)"?/.exec(said)?.[1] ?? "download";
  return new File([await response.blob()], name, {
    type: response.headers.get("Content-Type") ?? "",
  });
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    request<T>("GET", path, { query, signal }),
  getExact: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    request<T>("GET", path, { query, signal, exact: true }),
  post: <T = Json>(path: string, body: unknown = {}, signal?: AbortSignal) =>
    request<T>("POST", path, { body, signal }),
  postExact: <T>(path: string, body: unknown = {}, signal?: AbortSignal) =>
    request<T>("POST", path, { body, signal, exact: true }),
  file: fetchFile,
  /** Sends a file as the whole body. */
  upload: <T>(path: string, file: File) => request<T>("POST", path, { file }),
  put: <T = Json>(path: string, body: unknown) => request<T>("PUT", path, { body }),
  patch: <T = Json>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
  delete: <T = void>(path: string) => request<T>("DELETE", path),
};

/** The path of a workspace's part of the API: `inWorkspace("acme", "/flows")`. */
export function inWorkspace(workspace: string, path: string): string {
  return `/w/${encodeURIComponent(workspace)}${path}`;
}

/** The address of a file to fetch, for a link with `download`. */
export function fileAddress(workspace: string, path: string, query?: Query): string {
  return withQuery(`/api/v1${inWorkspace(workspace, path)}`, query);
}

/** Ends the session and shows the login page. */
export function logOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/logout";
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = csrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}
