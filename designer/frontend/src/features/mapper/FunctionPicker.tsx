import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import classes from "./Pickers.module.css";
import type { Json, MappingFunction } from "./types";
import { shortText } from "./values";

/** The functions a rule may call: found by word, with what they take, give and an example. */
export function FunctionPicker({ onPick }: { onPick: (fn: MappingFunction) => void }) {
  const { functions } = useExprEnv();
  const [search, setSearch] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const found = useMemo(() => ranked(functions, search), [functions, search]);
  const shown = found.find((fn) => fn.name === at) ?? found[0];
  const groups = [...new Set(found.map((fn) => fn.group))];

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter" && shown) {
      event.preventDefault();
      onPick(shown);
    }
    if (by === 0) return;
    event.preventDefault();
    // Groups stand in the order of the list, so the next of it is the next on the screen.
    const order = groups.flatMap((group) => found.filter((fn) => fn.group === group));
    const next = order[(shown ? order.indexOf(shown) : -1) + by];
    if (!next) return;
    setAt(next.name);
    const row = box.current?.querySelector(`[data-fn="${next.name}"]`);
    row?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div ref={box} className={classes.functions}>
      <TextInput
        aria-label={t("expr.search_functions")}
        placeholder={t("expr.search_functions")}
        size="xs"
        autoFocus
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setAt(null);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={classes.functionPanes}>
        <div className={classes.functionList}>
          {found.length === 0 && <p className={classes.emptyTree}>{t("expr.no_functions")}</p>}
          {groups.map((group) => (
            <section key={group} aria-label={group}>
              <h4 className={classes.groupTitle}>{group}</h4>
              {found
                .filter((fn) => fn.group === group)
                .map((fn) => (
                  <button
                    key={fn.name}
                    type="button"
                    data-fn={fn.name}
                    data-at={fn === shown || undefined}
                    className={classes.functionItem}
                    onMouseEnter={() => setAt(fn.name)}
                    onFocus={() => setAt(fn.name)}
                    onClick={() => onPick(fn)}
                  >
                    {fn.title}
                    <code>{fn.name}</code>
                  </button>
                ))}
            </section>
          ))}
        </div>
        {shown && <Explained fn={shown} />}
      </div>
    </div>
  );
}

/** Names that begin with the words come first, then titles, then descriptions. */
function ranked(functions: MappingFunction[], search: string): MappingFunction[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return functions;
  const [first = ""] = words;
  const rank = (fn: MappingFunction) =>
    fn.title.toLowerCase().startsWith(first) || fn.name.startsWith(first)
      ? 0
      : `${fn.title} ${fn.name}`.toLowerCase().includes(first)
        ? 1
        : 2;
  return functions
    .filter((fn) => {
      const text = `${fn.name} ${fn.title} ${fn.description} ${fn.group}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b));
}

function Explained({ fn }: { fn: MappingFunction }) {
  return (
    <div className={classes.functionDocs}>
      <b>{fn.title}</b>
      <code>
        {fn.name}({fn.args.map((a) => (a.required ? a.name : `[${a.name}]`)).join(", ")})
      </code>
      <p>{fn.description}</p>
      {fn.args.length > 0 && (
        <dl>
          <dt>{t("fn.takes")}</dt>
          {fn.args.map((arg) => (
            <dd key={arg.name}>
              {arg.name} <span>{arg.type}</span>
              {arg.options?.length ? <span>{arg.options.join(" · ")}</span> : null}
              {!arg.required && <span>{t("fn.optional")}</span>}
              {arg.repeats && <span>{t("fn.repeats")}</span>}
            </dd>
          ))}
          <dt>{t("fn.gives")}</dt>
          <dd>{fn.returns}</dd>
        </dl>
      )}
      {fn.examples?.length > 0 && (
        <>
          <span className={classes.functionHead}>{t("fn.examples")}</span>
          {fn.examples.slice(0, 3).map((example) => (
            <span key={exampleText(fn, example)} className={classes.functionExample}>
              {exampleText(fn, example)}
            </span>
          ))}
        </>
      )}
    </div>
  );
}

function exampleText(fn: MappingFunction, example: Json): string {
  if (typeof example === "string") return example;
  if (example !== null && typeof example === "object" && !Array.isArray(example)) {
    const { args, result } = example;
    if (Array.isArray(args)) {
      const shown = args.map((a) => shortText(a, 24)).join(", ");
      return `${fn.name}(${shown}) → ${shortText(result, 24)}`;
    }
  }
  return shortText(example);
}
