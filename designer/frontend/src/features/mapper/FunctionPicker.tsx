import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import classes from "./Pickers.module.css";
import type { Json, MappingFunction } from "./types";
import { shortText } from "./values";

/** The functions a rule may call, by group, with what they do and an example. */
export function FunctionPicker({ onPick }: { onPick: (fn: MappingFunction) => void }) {
  const { functions } = useExprEnv();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = functions.filter((fn) =>
    `${fn.name} ${fn.title} ${fn.description} ${fn.group}`.toLowerCase().includes(wanted),
  );
  const groups = [...new Set(found.map((fn) => fn.group))];
  return (
    <div className={classes.functions}>
      <TextInput
        aria-label={t("expr.search_functions")}
        placeholder={t("expr.search_functions")}
        size="xs"
        autoFocus
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && found[0]) onPick(found[0]);
        }}
      />
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
                  className={classes.functionItem}
                  onClick={() => onPick(fn)}
                >
                  <span className={classes.functionName}>
                    {fn.title}
                    <code>
                      {fn.name}(
                      {fn.args.map((a) => (a.required ? a.name : `${a.name}?`)).join(", ")})
                    </code>
                  </span>
                  <span className={classes.functionText}>{fn.description}</span>
                  {fn.examples?.[0] !== undefined && (
                    <span className={classes.functionExample}>
                      {t("expr.example", { text: exampleText(fn, fn.examples[0]) })}
                    </span>
                  )}
                </button>
              ))}
          </section>
        ))}
      </div>
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
