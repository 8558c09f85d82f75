import { ActionIcon, Button, Slider, Tooltip } from "@mantine/core";
import { IconArrowRight, IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { formatPercent } from "@/shared/time";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { isWithin } from "./paths";
import classes from "./Suggestions.module.css";
import { accept, type Suggestion } from "./suggest";
import type { MapperStore } from "./useMapper";
import type { Refused } from "./useRefusals";

/** Proposals with how sure they are and why: taken one by one or from a threshold on, or refused. */
export function Suggestions({
  store,
  found,
  refused,
}: {
  store: MapperStore;
  found: Suggestion[];
  refused: Refused;
}) {
  const [least, setLeast] = useState(80);
  const { sources } = useExprEnv();
  const stepOf = (path: string) =>
    sources.find((source) => isWithin(path, source.path))?.title ?? path;
  const sure = found.filter((s) => s.confidence * 100 >= least);
  const again = refused.keys.size > 0 && (
    <Button size="compact-sm" variant="subtle" onClick={refused.askAgain}>
      {t("suggest.again", { count: refused.keys.size })}
    </Button>
  );
  if (found.length === 0) {
    return (
      <div className={classes.none}>
        <p>{t("suggest.none")}</p>
        {again}
      </div>
    );
  }
  const take = (some: Suggestion[]) => {
    const [only] = some;
    store.change(
      accept(store.doc, some),
      some.length === 1 && only && !only.target.path.includes("[]") ? only.target.path : undefined,
    );
    for (const one of some) store.reveal("target", one.target.path);
    store.say(t("suggest.accepted", { count: some.length }));
  };
  return (
    <div className={classes.suggestions}>
      <div className={classes.bar}>
        <Button size="compact-sm" disabled={sure.length === 0} onClick={() => take(sure)}>
          {t("suggest.accept_all", { count: sure.length })}
        </Button>
        <span className={classes.from}>{t("suggest.from", { percent: formatPercent(least) })}</span>
        <Slider
          w={150}
          size="sm"
          min={50}
          max={99}
          label={null}
          thumbLabel={t("suggest.threshold")}
          value={least}
          onChange={setLeast}
        />
        <span className={classes.spacer} />
        {again}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => refused.refuse(found.map((s) => s.pair))}
        >
          {t("suggest.refuse_all")}
        </Button>
      </div>
      <ul aria-label={t("suggest.label")}>
        {found.map((one) => (
          <li key={one.id}>
            <span
              className={classes.percent}
              data-sure={one.confidence * 100 >= least || undefined}
            >
              {formatPercent(Math.round(one.confidence * 100))}
            </span>
            <button
              type="button"
              className={classes.pair}
              onClick={() => {
                store.reveal("target", one.target.path);
                store.reveal("source", one.source.path);
                store.select(one.target.path);
              }}
            >
              <b>{one.source.title}</b>{" "}
              <code title={one.source.path}>{stepOf(one.source.path)}</code>
              <IconArrowRight size={13} aria-hidden />
              <b>{one.target.title}</b> <code>{one.target.path}</code>
            </button>
            <span className={classes.reason}>{t(`suggest.reason.${one.reason}`)}</span>
            <Tooltip label={t("suggest.accept")}>
              <ActionIcon
                size="sm"
                aria-label={t("suggest.accept_one", { target: one.target.path })}
                onClick={() => take([one])}
              >
                <IconCheck size={15} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t("suggest.refuse")}>
              <ActionIcon
                size="sm"
                aria-label={t("suggest.refuse_one", { target: one.target.path })}
                onClick={() => refused.refuse([one.pair])}
              >
                <IconX size={15} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
    </div>
  );
}
