import { Checkbox, FileInput, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconFileSpreadsheet } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { formatNumber } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { Differences } from "./Differences";
import { t } from "./en";
import classes from "./lookups.module.css";
import type { ImportPreview, TableColumn, UploadInfo } from "./queries";

/** Sends a file and tells what is in it. */
export function FileStep({
  environment,
  onRead,
}: {
  environment: string;
  onRead: (info: UploadInfo) => void;
}) {
  const { ws } = useWorkspace();
  const read = useMutation({
    mutationFn: (file: File) =>
      api.upload<UploadInfo>(`${inWorkspace(ws, "/uploads")}?environment=${environment}`, file),
    onSuccess: onRead,
  });
  return (
    <Stack gap="sm">
      <FileInput
        data-autofocus
        label={t("import.file")}
        description={t("import.file.help")}
        placeholder={t("import.file.choose")}
        accept=".csv,.txt,.xlsx"
        leftSection={<IconFileSpreadsheet size={16} aria-hidden />}
        disabled={read.isPending}
        onChange={(file) => file && read.mutate(file)}
      />
      {read.isPending && (
        <Text size="sm" role="status">
          {t("import.checking")}
        </Text>
      )}
      <ProblemAlert error={read.error} />
    </Stack>
  );
}

interface PreviewStepProps {
  preview: ImportPreview;
  columns: readonly TableColumn[];
  skip: boolean;
  onSkip: (skip: boolean) => void;
}

const COUNTS = ["added", "changed", "removed", "unchanged", "kept"] as const;

/** What will happen, and which rows of the file are not right. */
export function PreviewStep({ preview, columns, skip, onSkip }: PreviewStepProps) {
  const nothing = preview.added + preview.changed + preview.removed === 0;
  return (
    <Stack gap="md">
      <dl className={classes.tiles} aria-label={t("import.preview")}>
        {COUNTS.filter((kind) => kind === "added" || preview[kind] > 0).map((kind) => (
          <div key={kind} className={classes.tile} data-diff={kind}>
            <dt>{t(`import.${kind}`)}</dt>
            <dd>{formatNumber(preview[kind])}</dd>
          </div>
        ))}
        {preview.fault_count > 0 && (
          <div className={classes.tile} data-diff="faulty">
            <dt>{t("import.faulty")}</dt>
            <dd>{formatNumber(preview.fault_count)}</dd>
          </div>
        )}
      </dl>
      {nothing && preview.fault_count === 0 && <Text size="sm">{t("import.nothing")}</Text>}
      {preview.fault_count > 0 && (
        <>
          <Notice
            tone="amber"
            role="status"
            icon={<IconAlertTriangle size={18} />}
            title={t("import.faults.title", { count: preview.fault_count })}
          >
            {t("import.faults")}
          </Notice>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable */}
          <section className={classes.faults} aria-label={t("import.faulty")} tabIndex={0}>
            <table className={classes.grid}>
              <thead>
                <tr>
                  <th scope="col">{t("import.faults.row")}</th>
                  <th scope="col">{t("import.faults.column")}</th>
                  <th scope="col">{t("import.faults.what")}</th>
                </tr>
              </thead>
              <tbody>
                {preview.faults.map((fault) => (
                  <tr key={`${fault.row} ${fault.column}`}>
                    <td className={classes.read}>{formatNumber(fault.row)}</td>
                    <td className={classes.read}>{fault.column}</td>
                    <td className={classes.read}>{fault.message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <Checkbox
            checked={skip}
            label={t("import.skip")}
            onChange={(event) => onSkip(event.currentTarget.checked)}
          />
        </>
      )}
      {preview.sample.length > 0 && (
        <div>
          <Text size="sm" fw={550} mb={6}>
            {t("import.sample")}
          </Text>
          <Differences label={t("import.sample")} columns={columns} items={preview.sample} />
        </div>
      )}
    </Stack>
  );
}
