import { beforeEach, describe, expect, it } from "vitest";

import { LiveSocket, type LiveSurroundings, type SocketLike } from "./socket";
import { aRun, aStep, deltaBetween } from "./testing";

class LineToNowhere implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readyState = 0;
  sent: unknown[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.(undefined as never);
  }
  breaks(): void {
    this.readyState = 3;
    this.onclose?.(undefined as never);
  }
  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let lines: LineToNowhere[];
let timers: { callback: () => void; delayMs: number; cancelled: boolean }[];
let around: LiveSurroundings;

beforeEach(() => {
  lines = [];
  timers = [];
  around = {
    open: () => {
      const line = new LineToNowhere();
      lines.push(line);
      return line;
    },
    random: () => 0.5,
    later: (callback, delayMs) => {
      const timer = { callback, delayMs, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
});

function passTime(): void {
  const due = timers.filter((timer) => !timer.cancelled);
  timers = [];
  for (const timer of due) timer.callback();
}

const nothing = () => undefined;

function line(index: number): LineToNowhere {
  const found = lines[index];
  if (found === undefined) throw new Error(`no connection number ${index} was opened`);
  return found;
}

describe("the live socket", () => {
  it("asks once for a run that two parts of the screen follow", () => {
    const socket = new LiveSocket("ws://here", around);
    const stopFirst = socket.onRun("r1", nothing);
    const stopSecond = socket.onRun("r1", nothing);
    line(0).opens();
    expect(lines).toHaveLength(1);
    expect(line(0).sent).toEqual([{ subscribe: "run", id: "r1" }]);
    stopFirst();
    expect(line(0).sent).toHaveLength(1);
    stopSecond();
    stopSecond();
    expect(line(0).sent).toEqual([
      { subscribe: "run", id: "r1" },
      { unsubscribe: "run", id: "r1" },
    ]);
  });

  it("tells every interest again after a broken connection and says that news may be missing", () => {
    const socket = new LiveSocket("ws://here", around);
    let opened = 0;
    socket.onRuns(nothing);
    socket.onRun("r1", nothing);
    socket.onOpen(() => (opened += 1));
    line(0).opens();
    expect(socket.state).toBe("live");
    line(0).breaks();
    expect(socket.state).toBe("reconnecting");
    passTime();
    line(1).opens();
    expect(line(1).sent).toEqual([{ subscribe: "runs" }, { subscribe: "run", id: "r1" }]);
    expect(socket.state).toBe("live");
    expect(opened).toBe(2);
  });

  it("follows the list as long as anybody wants its runs or its counts", () => {
    const socket = new LiveSocket("ws://here", around);
    const stopCounts = socket.onCounts(nothing);
    line(0).opens();
    const stopRuns = socket.onRuns(nothing);
    stopCounts();
    expect(line(0).sent).toEqual([{ subscribe: "runs" }]);
    stopRuns();
    expect(line(0).sent).toEqual([{ subscribe: "runs" }, { unsubscribe: "runs" }]);
  });

  it("waits longer after each failure", () => {
    const socket = new LiveSocket("ws://here", around);
    socket.onRuns(nothing);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      line(attempt).breaks();
      delays.push(timers.filter((timer) => !timer.cancelled)[0]?.delayMs ?? -1);
      passTime();
    }
    expect([...delays].sort((a, b) => a - b)).toEqual(delays);
    expect(new Set(delays).size).toBe(delays.length);
  });

  it("gives up a connection that never opens, and tries another", () => {
    const socket = new LiveSocket("ws://here", around);
    socket.onRuns(nothing);
    passTime();
    expect(line(0).readyState).toBe(3);
    line(0).breaks();
    passTime();
    line(1).opens();
    expect(socket.state).toBe("live");
    passTime();
    expect(line(1).readyState).toBe(1);
  });

  it("delivers a delta only to those who follow that run", () => {
    const socket = new LiveSocket("ws://here", around);
    const heard: string[] = [];
    socket.onRun("r1", () => heard.push("first"));
    socket.onRun("r2", () => heard.push("second"));
    line(0).opens();
    const before = aRun({ id: "r2" });
    const after = {
      ...before,
      seq: 2,
      steps: { ...before.steps, order: aStep("order", "failed") },
    };
    line(0).says(deltaBetween(before, after));
    expect(heard).toEqual(["second"]);
  });

  it("keeps the connection over a page change and leaves when nobody is interested any more", () => {
    const socket = new LiveSocket("ws://here", around);
    const stop = socket.onRuns(nothing);
    line(0).opens();
    stop();
    const stopNext = socket.onRuns(nothing);
    passTime();
    expect(line(0).readyState).toBe(1);
    stopNext();
    passTime();
    expect(line(0).readyState).toBe(3);
  });

  it("survives words it does not know", () => {
    const socket = new LiveSocket("ws://here", around);
    socket.onRuns(nothing);
    line(0).opens();
    line(0).says({ type: "something.new" });
    line(0).onmessage?.({ data: "not json" });
    expect(socket.state).toBe("live");
  });
});
