import { Button } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { IconCloudOff, IconHistory } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { formatMoment } from "@/shared/time";
import { bringTogether } from "./bringTogether";
import { digest } from "./digest";
import { t } from "./en";
import { type DrawingPlace, forgetDrawing, keepDrawing, keptDrawing } from "./kept";
import { readMapping } from "./model";
import classes from "./Notes.module.css";
import type { MapperStore } from "./useMapper";

const KEEP_AFTER_MS = 200;

/** Keeps what is drawn until the draft holds it, and brings back what was not saved last time. */
export function Kept({ place, store }: { place: DrawingPlace; store: MapperStore }) {
  const { doc, saved, dirty } = store;
  const { workspace, flowId, nodeId, slot } = place;
  const [found] = useState(() => {
    const kept = keptDrawing(place);
    return kept && digest(readMapping(kept.mapping)) !== digest(doc) ? kept : null;
  });
  const [told, setTold] = useState(found !== null);
  const [unkept, setUnkept] = useState(false);
  const [both, setBoth] = useState<string[] | null>(null);
  const written = useRef(doc);

  // biome-ignore lint/correctness/useExhaustiveDependencies: brought back once, when it is opened
  useEffect(() => {
    if (!found) return;
    const back = readMapping(found.mapping);
    written.current = back; // it is kept already; what follows it, however soon, is not
    store.change(back);
    for (const rule of found.mapping.rules) store.reveal("target", rule.target);
    store.say(t("kept.back", { when: formatMoment(found.at) }));
  }, [found]);

  useEffect(() => {
    if (written.current === doc) return;
    const at = { workspace, flowId, nodeId, slot };
    const write = () => {
      written.current = doc;
      if (!dirty) forgetDrawing(at);
      setUnkept(dirty && !keepDrawing(at, doc, saved));
    };
    const timer = window.setTimeout(write, KEEP_AFTER_MS);
    window.addEventListener("pagehide", write);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener("pagehide", write);
    };
  }, [doc, saved, dirty, workspace, flowId, nodeId, slot]);

  // Only where the browser keeps nothing a person must be asked before the page goes.
  useEffect(() => {
    if (!unkept) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [unkept]);

  const { online } = useNetwork();
  const changed = found !== null && digest(readMapping(found.over)) !== digest(saved);
  const bring = () => {
    if (!found) return;
    // What was drawn since it came back is mine too.
    const { doc: made, both: twice } = bringTogether(readMapping(found.over), doc, saved);
    store.change(made);
    setBoth(twice);
    store.say(t("kept.together"));
  };
  return (
    <>
      {!online && (
        <section className={classes.note} data-tone="amber" role="status">
          <IconCloudOff size={16} aria-hidden />
          <span>{t("kept.offline")}</span>
        </section>
      )}
      {found && told && dirty && both === null && (
        <section className={classes.note} aria-label={t("kept.label")}>
          <IconHistory size={16} aria-hidden />
          <span>
            {t("kept.back", { when: formatMoment(found.at) })}{" "}
            {changed && <b>{t("kept.changed_since")}</b>}
          </span>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              store.change(saved);
              store.say(t("kept.returned"));
            }}
          >
            {t("kept.return")}
          </Button>
          <Button
            size="compact-sm"
            variant={changed ? "default" : "filled"}
            onClick={() => setTold(false)}
          >
            {t(changed ? "kept.mine" : "kept.go_on")}
          </Button>
          {changed && (
            <Button size="compact-sm" onClick={bring}>
              {t("kept.bring")}
            </Button>
          )}
        </section>
      )}
      {both !== null && told && dirty && (
        <section className={classes.note} aria-label={t("kept.label")}>
          <IconHistory size={16} aria-hidden />
          <span>
            {t("kept.together")}{" "}
            {both.length > 0 && (
              <b>{t("kept.both", { count: both.length, targets: both.slice(0, 6).join(", ") })}</b>
            )}
          </span>
          <Button size="compact-sm" onClick={() => setTold(false)}>
            {t("kept.go_on")}
          </Button>
        </section>
      )}
    </>
  );
}
