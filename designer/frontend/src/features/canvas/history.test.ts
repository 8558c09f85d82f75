import fc from "fast-check";
import { expect, test } from "vitest";
import { begin, commit, type History, redo, undo } from "./history";

test("undoing everything gives the start, redoing everything gives the end", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer(), { maxLength: 60 }), (start, values) => {
      let history: History<number> = begin(start);
      for (const value of values) history = commit(history, value);
      const end = history.present;
      let back = history;
      while (back.past.length > 0) back = undo(back);
      expect(back.present).toBe(start);
      let forth = back;
      while (forth.future.length > 0) forth = redo(forth);
      expect(forth.present).toBe(end);
      expect(forth.past).toEqual(history.past);
    }),
  );
});

test("typing in one field is one step back, a pause begins another", () => {
  let history = begin("");
  history = commit(history, "a", { key: "name", at: 0 });
  history = commit(history, "ab", { key: "name", at: 400 });
  history = commit(history, "abc", { key: "name", at: 5000 });
  expect(undo(history).present).toBe("ab");
  expect(undo(undo(history)).present).toBe("");
});

test("a change after an undo forgets what was undone", () => {
  const history = commit(undo(commit(begin(1), 2)), 3);
  expect(redo(history).present).toBe(3);
  expect(undo(history).present).toBe(1);
});

test("an unchanged value makes no step, and there is nothing before the start", () => {
  const history = begin(1);
  expect(commit(history, 1)).toBe(history);
  expect(undo(history)).toBe(history);
  expect(redo(history)).toBe(history);
});
