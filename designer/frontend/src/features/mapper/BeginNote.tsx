import { Button } from "@mantine/core";
import { IconHandMove } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "./en";
import { InsertTemplate } from "./InsertTemplate";
import classes from "./Notes.module.css";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

/** How a first rule is made, as long as there is none. */
export function BeginNote({
  place,
  store,
  documents,
  onAddSample,
}: {
  place: MapperPlace;
  store: MapperStore;
  /** How many documents there are to try the mapping on. */
  documents: number;
  onAddSample: () => void;
}) {
  const [open, setOpen] = useState(false);
  if (store.doc.rules.length > 0 || store.doc.own_fields) return null;
  return (
    <section className={classes.note} data-tone="plain" aria-label={t("begin.label")}>
      <IconHandMove size={16} aria-hidden />
      <span>{t("begin.text")}</span>
      {documents === 0 && (
        <Button size="compact-sm" variant="default" onClick={onAddSample}>
          {t("begin.document")}
        </Button>
      )}
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        {t("begin.template")}
      </Button>
      {open && (
        <InsertTemplate
          workspace={place.workspace}
          store={store}
          place={place}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}
