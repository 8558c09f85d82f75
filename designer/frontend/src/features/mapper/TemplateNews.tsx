import { Button } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "./en";
import classes from "./Notes.module.css";
import { useTemplates } from "./TemplateDialogs";
import { TemplateUpdate } from "./TemplateUpdate";
import { followed, insertionsOf } from "./templateFollow";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

/** Says that templates which this mapping was made of have got newer versions. */
export function TemplateNews({ place, store }: { place: MapperPlace; store: MapperStore }) {
  const [open, setOpen] = useState(false);
  const templates = useTemplates(place.workspace, insertionsOf(store.doc).length > 0);
  const newer = followed(store.doc, templates.data).filter(
    (one) => one.newest > one.insertion.version,
  );
  const [only] = newer;
  return (
    <>
      {only && (
        <section className={classes.note} aria-label={t("template.news_label")}>
          <IconTemplate size={16} aria-hidden />
          <span>
            {newer.length > 1
              ? t("template.news_many", {
                  count: newer.length,
                  names: [...new Set(newer.map((one) => one.name))].join(", "),
                })
              : t(only.place ? "template.news_part" : "template.news", {
                  name: only.name,
                  version: only.newest,
                  made: only.insertion.version,
                  place: only.place,
                })}
          </span>
          <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
            {t("template.news_take")}
          </Button>
        </section>
      )}
      {open && (
        <TemplateUpdate
          workspace={place.workspace}
          store={store}
          place={place}
          first={only?.insertion.id}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
