/**
 * JSON as text that a person edits: checked and laid out without ever turning a number into a
 * double, so that 102.20 stays 102.20 and a 20-digit id keeps its digits.
 */

export interface JsonProblem {
  message: JsonProblemKind;
  line: number;
  column: number;
}

export type JsonProblemKind =
  | "empty"
  | "value"
  | "text_end"
  | "escape"
  | "control"
  | "number"
  | "name"
  | "colon"
  | "comma_or_end"
  | "trailing_comma"
  | "after_end"
  | "too_deep";

const DEPTH_LIMIT = 200;

class Refused extends Error {
  constructor(
    readonly kind: JsonProblemKind,
    readonly at: number,
  ) {
    super(kind);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): string {
    this.space();
    if (this.at === this.text.length) throw new Refused("empty", 0);
    const laidOut = this.value(0);
    this.space();
    if (this.at < this.text.length) throw new Refused("after_end", this.at);
    return laidOut;
  }

  private value(depth: number): string {
    if (depth > DEPTH_LIMIT) throw new Refused("too_deep", this.at);
    const first = this.text[this.at];
    if (first === "{") return this.members(depth);
    if (first === "[") return this.elements(depth);
    if (first === '"') return this.string("text_end");
    const word = this.match(WORD);
    if (word !== null) return word;
    const number = this.match(NUMBER);
    if (number === null) throw new Refused("value", this.at);
    if (/[\w.+-]/.test(this.text[this.at] ?? "")) throw new Refused("number", this.at);
    return number;
  }

  private members(depth: number): string {
    return this.list(depth, "}", () => {
      if (this.text[this.at] !== '"') throw new Refused("name", this.at);
      const name = this.string("text_end");
      this.space();
      if (this.text[this.at] !== ":") throw new Refused("colon", this.at);
      this.at += 1;
      this.space();
      return `${name}: ${this.value(depth + 1)}`;
    });
  }

  private elements(depth: number): string {
    return this.list(depth, "]", () => this.value(depth + 1));
  }

  private list(depth: number, end: "}" | "]", part: () => string): string {
    const start = this.text.charAt(this.at);
    this.at += 1;
    this.space();
    const parts: string[] = [];
    if (this.text[this.at] === end) {
      this.at += 1;
      return start + end;
    }
    for (;;) {
      parts.push(part());
      this.space();
      const sign = this.text[this.at];
      if (sign === end) break;
      if (sign !== ",") throw new Refused("comma_or_end", this.at);
      const comma = this.at;
      this.at += 1;
      this.space();
      if (this.text[this.at] === end) throw new Refused("trailing_comma", comma);
    }
    this.at += 1;
    const inside = "  ".repeat(depth + 1);
    return `${start}\n${inside}${parts.join(`,\n${inside}`)}\n${"  ".repeat(depth)}${end}`;
  }

  private string(unfinished: JsonProblemKind): string {
    const start = this.at;
    this.at += 1;
    for (;;) {
      const sign = this.text[this.at];
      if (sign === undefined || sign === "\n") throw new Refused(unfinished, start);
      if (sign === '"') break;
      if (sign < " ") throw new Refused("control", this.at);
      if (sign === "\\") {
        const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
        escaped.lastIndex = this.at;
        const found = escaped.exec(this.text);
        if (found === null) throw new Refused("escape", this.at);
        this.at += found[0].length;
      } else {
        this.at += 1;
      }
    }
    this.at += 1;
    return this.text.slice(start, this.at);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    return found[0];
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }
}

export type CheckedJson = { ok: true; text: string } | { ok: false; problem: JsonProblem };

/** The text laid out with two spaces, or the first problem with the place where it stands. */
export function checkJson(text: string): CheckedJson {
  try {
    return { ok: true, text: new Reader(text).document() };
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    const before = text.slice(0, refused.at).split("\n");
    return {
      ok: false,
      problem: {
        message: refused.kind,
        line: before.length,
        column: (before.at(-1) ?? "").length + 1,
      },
    };
  }
}

/** Whether two JSON texts say the same but for white space. Texts that are no JSON never do. */
export function sameJson(one: string, other: string): boolean {
  const first = checkJson(one);
  const second = checkJson(other);
  return first.ok && second.ok && first.text === second.text;
}
