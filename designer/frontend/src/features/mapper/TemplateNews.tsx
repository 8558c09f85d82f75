import { Button } from "@mantine/core";
import { IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "./en";
import classes from "./Notes.module.css";
import { UpdateFromTemplate, useTemplates } from "./TemplateDialogs";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

/** Says that the template this mapping was made of has got a newer version. */
export function TemplateNews({ place, store }: { place: MapperPlace; store: MapperStore }) {
  const { template } = store.doc;
  const [open, setOpen] = useState(false);
  const templates = useTemplates(place.workspace, template !== undefined);
  const found = templates.data?.items.find((one) => one.id === template?.id);
  const close = () => setOpen(false);
  const newer = template && found && found.version > template.version;
  return (
    <>
      {newer && (
        <section className={classes.note} aria-label={t("template.news_label")}>
          <IconTemplate size={16} aria-hidden />
          <span>
            {t("template.news", {
              name: found.name,
              version: found.version,
              made: template.version,
            })}
          </span>
          <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
            {t("template.news_take")}
          </Button>
        </section>
      )}
      {open && (
        <UpdateFromTemplate
          workspace={place.workspace}
          store={store}
          place={place}
          onClose={close}
        />
      )}
    </>
  );
}
