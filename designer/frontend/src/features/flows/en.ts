import { texts } from "@/shared/i18n";

export const t = texts({
  "flows.title": "Flows",
  "flows.description":
    "Each flow listens for something in one system and does the work in another.",
  "flows.new": "New flow",
  "flows.search": "Search flows",
  "flows.open": "Open {name}",
  "flows.menu": "Actions for {name}",
  "flows.rename": "Rename",
  "flows.delete": "Delete",
  "flows.duplicate": "Duplicate",
  "flows.duplicateName": "{name} (copy)",
  "flows.never": "Has not run yet",
  "flows.lastRun": "Last run",
  "flows.edited": "Edited",
  "flows.notPublished": "Not published",
  "flows.version": "{environment} · v{version}",
  "flows.steps": { one: "{count} step", other: "{count} steps" },
  "flows.more": "+{count}",
  "flows.empty.title": "Draw your first flow",
  "flows.empty.text":
    "A flow connects two systems: for example, each paid order of the shop becomes an invoice in the books.",
  "flows.noneFound": "No flow matches “{query}”",
  "flows.noneFoundText": "Look for another word of its name.",
  "create.title": "New flow",
  "create.name": "Name",
  "create.nameHint": "Orders to invoices",
  "create.description": "What it is for",
  "create.do": "Create flow",
  "create.cancel": "Cancel",
  "rename.title": "Rename flow",
  "rename.do": "Save name",
  "delete.title": "Delete “{name}”?",
  "delete.text":
    "The draft and all versions are lost, and it stops running everywhere. Runs that happened stay in the list of runs.",
  "delete.do": "Delete flow",
});
