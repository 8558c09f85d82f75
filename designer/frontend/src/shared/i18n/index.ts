/**
 * Texts of the screens. Each feature keeps a catalogue `en.ts` and makes its `t` from it:
 *
 *     export const t = texts({ "runs.title": "Runs", "runs.count": { one: "{count} run", other: "{count} runs" } });
 *     t("runs.count", { count: 3 });
 *
 * Names in braces become typed parameters. A plural entry is chosen by `count`.
 */

type Plural = { one: string; other: string };
type Entry = string | Plural;
export type Catalogue = Record<string, Entry>;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type ParamNames<E> = E extends Plural ? Names<E["one"]> | Names<E["other"]> | "count" : Names<E>;
type Params<E> = { [Name in ParamNames<E>]: string | number };
type Arguments<E> = [ParamNames<E>] extends [never] ? [] : [params: Params<E>];

export type Translate<C extends Catalogue> = <K extends keyof C & string>(
  key: K,
  ...args: Arguments<C[K]>
) => string;

export const locale = (): string => (typeof navigator === "undefined" ? "en" : navigator.language);

const rules = new Intl.PluralRules("en");

function fill(template: string, params: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale()) : value;
  });
}

export function texts<const C extends Catalogue>(catalogue: C): Translate<C> {
  return (key, ...args) => {
    const entry = catalogue[key] as Entry;
    const params = (args[0] ?? {}) as Record<string, string | number>;
    if (typeof entry === "string") return fill(entry, params);
    const form = rules.select(Number(params.count)) === "one" ? entry.one : entry.other;
    return fill(form, params);
  };
}
