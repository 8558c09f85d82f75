/**
 * The only WebSocket of the application: one per workspace and environment.
 *
 * Interest is counted, so two parts of a screen may follow the same run and the server hears of it
 * once. After a broken connection every interest is told again and listeners learn that they may
 * have missed something.
 */
import { reconnectDelayMs } from "./model";
import type { CountsChanged, NewsTold, RunChanged, RunNews, ServerMessage } from "./types";

export type LiveState = "connecting" | "live" | "reconnecting";

export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: never) => void) | null;
  readyState: number;
  send(text: string): void;
  close(): void;
}

export interface LiveSurroundings {
  open(url: string): SocketLike;
  random(): number;
  later(callback: () => void, delayMs: number): () => void;
}

const browser: LiveSurroundings = {
  open: (url) => new WebSocket(url) as unknown as SocketLike,
  random: Math.random,
  later: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

const OPEN = 1;
/** The connection stays a little after the last interest ends, so that a page change reuses it. */
const LINGER_MS = 5_000;
/** A server that takes the connection and then says nothing counts as away after this. */
const OPENS_WITHIN_MS = 10_000;

type Listener<T> = (value: T) => void;

function tell<T>(listeners: Iterable<Listener<T>>, value: T): void {
  for (const listener of [...listeners]) listener(value);
}

export class LiveSocket {
  private socket: SocketLike | null = null;
  private failures = 0;
  private everOpen = false;
  private currentState: LiveState = "connecting";
  private users = 0;
  private cancelTimer: (() => void) | null = null;
  private cancelLinger: (() => void) | null = null;

  private readonly stateListeners = new Set<Listener<LiveState>>();
  private readonly openListeners = new Set<Listener<void>>();
  private readonly countsListeners = new Set<Listener<CountsChanged>>();
  private readonly newsListeners = new Set<Listener<NewsTold>>();
  private readonly listListeners = new Set<Listener<RunChanged>>();
  private readonly runListeners = new Map<string, Set<Listener<RunNews>>>();

  constructor(
    private readonly url: string,
    private readonly around: LiveSurroundings = browser,
  ) {}

  get state(): LiveState {
    return this.currentState;
  }

  onState(listener: Listener<LiveState>): () => void {
    return this.interested(this.stateListeners, listener);
  }

  /**
   * Called whenever the connection has opened, the first time and after every break.
   *
   * What was fetched before that moment may have missed a change, so it must be fetched again.
   */
  onOpen(listener: Listener<void>): () => void {
    return this.interested(this.openListeners, listener);
  }

  /** Counts come with the news of the list. */
  onCounts(listener: Listener<CountsChanged>): () => void {
    return this.interestedInList(this.countsListeners, listener);
  }

  /** So do the names of other things that have changed. */
  onNews(listener: Listener<NewsTold>): () => void {
    return this.interestedInList(this.newsListeners, listener);
  }

  onRuns(listener: Listener<RunChanged>): () => void {
    return this.interestedInList(this.listListeners, listener);
  }

  onRun(runId: string, listener: Listener<RunNews>): () => void {
    let listeners = this.runListeners.get(runId);
    if (listeners === undefined) {
      listeners = new Set();
      this.runListeners.set(runId, listeners);
      this.send({ subscribe: "run", id: runId });
    }
    const mine = listeners;
    const stop = this.interested(mine, listener);
    return () => {
      stop();
      if (mine.size === 0 && this.runListeners.get(runId) === mine) {
        this.runListeners.delete(runId);
        this.send({ unsubscribe: "run", id: runId });
      }
    };
  }

  /** Try again now instead of waiting (the browser came back online, the tab became visible). */
  hurry(): void {
    if (this.users > 0 && this.socket === null) this.connect();
  }

  private get wantsList(): boolean {
    const all = [this.listListeners, this.countsListeners, this.newsListeners];
    return all.some((listeners) => listeners.size > 0);
  }

  private interestedInList<T>(listeners: Set<Listener<T>>, listener: Listener<T>): () => void {
    if (!this.wantsList) this.send({ subscribe: "runs" });
    const stop = this.interested(listeners, listener);
    return () => {
      const wanted = this.wantsList;
      stop();
      if (wanted && !this.wantsList) this.send({ unsubscribe: "runs" });
    };
  }

  private interested<T>(listeners: Set<Listener<T>>, listener: Listener<T>): () => void {
    // A wrapper, so that one function may listen twice and each stop ends only its own interest.
    const entry: Listener<T> = (value) => listener(value);
    listeners.add(entry);
    this.users += 1;
    this.cancelLinger?.();
    this.cancelLinger = null;
    if (this.socket === null && this.cancelTimer === null) this.connect();
    return () => {
      if (!listeners.delete(entry)) return;
      this.users -= 1;
      if (this.users === 0) this.cancelLinger = this.around.later(() => this.leave(), LINGER_MS);
    };
  }

  private connect(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    const socket = this.around.open(this.url);
    this.socket = socket;
    const cancelWait = this.around.later(() => socket.close(), OPENS_WITHIN_MS);
    socket.onopen = () => {
      cancelWait();
      if (this.socket !== socket) return;
      this.everOpen = true;
      this.failures = 0;
      if (this.wantsList) this.send({ subscribe: "runs" });
      for (const id of this.runListeners.keys()) this.send({ subscribe: "run", id });
      this.become("live");
      tell(this.openListeners, undefined);
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onerror = () => undefined;
    socket.onclose = () => {
      cancelWait();
      if (this.socket === socket) this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    this.become(this.everOpen || this.failures > 0 ? "reconnecting" : "connecting");
    if (this.users === 0) return;
    const delay = reconnectDelayMs(this.failures, this.around.random);
    this.failures += 1;
    this.cancelTimer = this.around.later(() => this.connect(), delay);
  }

  private leave(): void {
    this.cancelLinger = null;
    this.cancelTimer?.();
    this.cancelTimer = null;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private send(message: object): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(message));
  }

  private receive(data: unknown): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(String(data)) as ServerMessage;
    } catch {
      return;
    }
    if (message.type === "run") tell(this.listListeners, message);
    else if (message.type === "run.delta" || message.type === "run.families")
      tell(this.runListeners.get(message.run_id) ?? [], message);
    else if (message.type === "counts") tell(this.countsListeners, message);
    else if (message.type === "changed") tell(this.newsListeners, message);
  }

  private become(state: LiveState): void {
    if (this.currentState === state) return;
    this.currentState = state;
    tell(this.stateListeners, state);
  }
}

const sockets = new Map<string, LiveSocket>();

/** The live connection of this workspace and environment; made on first use. */
export function liveSocket(workspace: string, environment: string): LiveSocket {
  const key = `${workspace}/${environment}`;
  let socket = sockets.get(key);
  if (socket === undefined) {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const query = new URLSearchParams({ environment });
    socket = new LiveSocket(
      `${scheme}://${window.location.host}/ws/w/${encodeURIComponent(workspace)}?${query}`,
    );
    sockets.set(key, socket);
  }
  return socket;
}

if (typeof window !== "undefined") {
  const hurryAll = () => {
    for (const socket of sockets.values()) socket.hurry();
  };
  window.addEventListener("online", hurryAll);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") hurryAll();
  });
}
