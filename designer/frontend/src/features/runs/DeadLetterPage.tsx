import { ActionIcon, Anchor, Badge, Button, Group, Tabs, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArrowBackUp,
  IconArrowLeft,
  IconHourglassLow,
  IconInfoCircle,
  IconPlayerSkipForward,
  IconRefresh,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { DeadLetterDetail } from "@/api/types";
import { formatDateTime, TimeAgo } from "@/shared/time";
import { JsonView, LoadedPage, Page, PageHeader, StatusBadge } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { AssignSelect } from "./AssignSelect";
import classes from "./DeadLetterPage.module.css";
import { DiffView } from "./DiffView";
import { EditDialog } from "./EditDialog";
import { t } from "./en";
import { JsonEditor } from "./JsonEditor";
import { checkJson } from "./jsonText";
import { diffLines } from "./lineDiff";
import { deadLetterQuery } from "./queries";
import { ReopenDialog } from "./ReopenDialog";
import { RetryDialog } from "./RetryDialog";
import { r } from "./records.en";
import { SkipDialog } from "./SkipDialog";
import { SuggestionLink } from "./SuggestionLink";

/** One record that needs a person: what happened, why, what to do, and the means to do it. */
export function DeadLetterPage() {
  const { ws } = useWorkspace();
  const { deadLetterId = "" } = useParams({ strict: false });
  const letter = useQuery({
    ...deadLetterQuery(ws, deadLetterId),
    // What is being edited must not be replaced under the person's hands.
    refetchOnWindowFocus: false,
  });
  return (
    <LoadedPage query={letter}>{(record) => <Record key={record.id} record={record} />}</LoadedPage>
  );
}

function Record({ record }: { record: DeadLetterDetail }) {
  const { ws, can } = useWorkspace();
  const original = JSON.stringify(record.document, null, 2) ?? "null";
  const [text, setText] = useState(original);
  const [retrying, retry] = useDisclosure(false);
  const [skipping, skip] = useDisclosure(false);
  const [reopening, reopen] = useDisclosure(false);
  const [edit, setEdit] = useState<number | null>(null);
  const checked = checkJson(text);
  const after = checked.ok ? checked.text : text;
  const changedLines = diffLines(original, after).filter(({ kind }) => kind !== "same").length;
  const open = record.status === "open" && can("runs.operate");
  const closed = record.status === "skipped" || record.status === "expired";
  const key = record.business_key || t("runs.noKey");

  return (
    <Page>
      <PageHeader
        title={key}
        leading={
          <Tooltip label={t("letter.back")}>
            <ActionIcon
              aria-label={t("letter.back")}
              renderRoot={(props) => <Link to="/w/$ws/errors" params={{ ws }} {...props} />}
            >
              <IconArrowLeft size={18} />
            </ActionIcon>
          </Tooltip>
        }
        extra={<StatusBadge status={record.status} />}
        actions={
          <>
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/w/$ws/runs/$runId"
                  params={{ ws, runId: record.run_id }}
                  search={(before: object) => ({ ...before, step: record.node.id })}
                  {...props}
                />
              )}
            >
              {t("letter.run")}
            </Button>
            {closed && can("runs.operate") && (
              <Button
                variant="default"
                leftSection={<IconArrowBackUp size={15} aria-hidden />}
                onClick={reopen.open}
              >
                {r("letter.reopen")}
              </Button>
            )}
            {open && (
              <>
                <Button
                  variant="default"
                  leftSection={<IconPlayerSkipForward size={15} aria-hidden />}
                  onClick={skip.open}
                >
                  {t("letter.skip")}
                </Button>
                <Button
                  leftSection={<IconRefresh size={15} aria-hidden />}
                  disabled={!checked.ok}
                  onClick={retry.open}
                >
                  {t("letter.retry")}
                </Button>
              </>
            )}
          </>
        }
      />

      <dl className={classes.story}>
        <dt>{t("letter.what")}</dt>
        <dd className={classes.what}>{record.message}</dd>
        <dt>{t("letter.where")}</dt>
        <dd>
          {t("letter.where.text", { step: record.node.name, flow: record.flow.name })}{" "}
          <Text span c="dimmed" size="sm">
            <TimeAgo at={record.created_at} />
          </Text>{" "}
          <Badge variant="default" ff="monospace" fw={400}>
            {record.code}
          </Badge>
        </dd>
        <dt>{t("letter.todo")}</dt>
        <dd>
          {record.suggestion?.text || record.hint || t("letter.todo.none")}
          {record.suggestion && record.hint && record.hint !== record.suggestion.text && (
            <Text size="sm" c="dimmed">
              {record.hint}
            </Text>
          )}
          <SuggestionLink record={record} />
        </dd>
        <dt>{r("assign.label")}</dt>
        <dd>
          <AssignSelect record={record} disabled={!open} />
        </dd>
      </dl>

      {record.status !== "open" && (
        <div className={classes.closed}>
          <Notice
            tone="grey"
            icon={<IconInfoCircle size={17} />}
            title={
              record.status === "expired"
                ? r("letter.expired")
                : t(
                    record.status === "retried"
                      ? "letter.notOpen.retried"
                      : "letter.notOpen.skipped",
                  )
            }
          />
        </div>
      )}

      {open && record.expires_at && (
        <div className={classes.closed}>
          <Notice
            tone={record.expires_soon ? "amber" : "grey"}
            icon={<IconHourglassLow size={17} />}
            title={
              <>
                {r("letter.expires")} <TimeAgo at={record.expires_at} />.
              </>
            }
          />
        </div>
      )}
      {record.document_kept === false && (
        <div className={classes.closed}>
          <Notice tone="grey" icon={<IconInfoCircle size={17} />} title={r("letter.gone")} />
        </div>
      )}

      <Tabs defaultValue="document" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="document">{t("letter.tab.document")}</Tabs.Tab>
          <Tabs.Tab
            value="changes"
            rightSection={changedLines > 0 && <Badge size="sm">{changedLines}</Badge>}
          >
            {t("letter.tab.changes")}
          </Tabs.Tab>
          <Tabs.Tab value="input">{t("letter.tab.input")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="document">
          <JsonEditor
            label={t("letter.editor")}
            description={open ? t("letter.editor.help") : undefined}
            value={text}
            original={original}
            readOnly={!open}
            onChange={setText}
          />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <DiffView before={original} after={after} />
        </Tabs.Panel>
        <Tabs.Panel value="input">
          <JsonView value={record.step_input} label={t("letter.tab.input")} maxHeight={620} />
        </Tabs.Panel>
      </Tabs>

      {record.edits.length > 0 && (
        <section className={classes.history}>
          <h2>{t("letter.history")}</h2>
          <ul>
            {record.edits.map((edit, number) => (
              <li key={`${edit.at} ${edit.by}`}>
                <Group gap="sm" wrap="nowrap" align="baseline">
                  <Text size="xs" c="dimmed" className="cw-numbers">
                    {formatDateTime(edit.at)}
                  </Text>
                  <Text size="sm">
                    <b>{didWord(edit.did)}</b>{" "}
                    {t("letter.history.entry", { by: edit.by, reason: edit.reason })}{" "}
                    {edit.changed && (
                      <Anchor component="button" size="sm" onClick={() => setEdit(number)}>
                        {r("edit.show")}
                      </Anchor>
                    )}
                  </Text>
                </Group>
              </li>
            ))}
          </ul>
        </section>
      )}

      <RetryDialog
        record={record}
        opened={retrying}
        onClose={retry.close}
        changedLines={changedLines}
        document={changedLines > 0 ? after : null}
      />
      <SkipDialog record={record} opened={skipping} onClose={skip.close} />
      <ReopenDialog record={record} opened={reopening} onClose={reopen.close} />
      <EditDialog record={record} number={edit} onClose={() => setEdit(null)} />
    </Page>
  );
}

const DEEDS = [
  "retried",
  "skipped",
  "went_past",
  "reopened",
  "assigned",
  "expired",
  "went_on",
] as const;

/** What a person did, in a word. */
function didWord(did: string | undefined): string {
  const known = DEEDS.find((each) => each === did);
  return known ? r(`did.${known}`) : "";
}
