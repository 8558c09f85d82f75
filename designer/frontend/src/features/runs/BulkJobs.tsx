import { Anchor, Button, Collapse, Group, Progress, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { BulkJob } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./BulkJobs.module.css";
import { Outcomes } from "./Outcomes";
import { bulkJobsQuery, bulkKey, bulkPath } from "./queries";
import { r } from "./records.en";

const SHOWN_FOR_MS = 10 * 60_000;

/** What is being done to many records, and what was done just now. */
export function BulkJobs() {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const { data: jobs = [] } = useQuery(bulkJobsQuery(ws, env));
  const running = jobs.some(({ status }) => status === "running");
  const before = useRef(running);
  useEffect(() => {
    if (before.current && !running) {
      void cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
    }
    before.current = running;
  }, [running, cache, ws]);
  const shown = jobs.filter(
    ({ finished_at }) => !finished_at || Date.now() - Date.parse(finished_at) < SHOWN_FOR_MS,
  );
  if (shown.length === 0) return null;
  return (
    <ul className={classes.jobs} aria-label={r("job.progress")}>
      {shown.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </ul>
  );
}

function Job({ job }: { job: BulkJob }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (action: "pause" | "resume" | "cancel") =>
      api.post(`${bulkPath(ws, job.id)}/change`, { action }),
    onSuccess: () => cache.invalidateQueries({ queryKey: bulkKey(ws) }),
    onError: notifyProblem,
  });
  const open = job.status === "running" || job.status === "paused";
  const refused = job.counts.refused ?? 0;
  const share = (100 * job.done) / Math.max(1, job.total);
  return (
    <li className={classes.job}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          <b>{job.status === "running" ? r(`job.${job.action}`) : r(`job.${job.status}`)}</b>{" "}
          {r("job.by", { done: job.done, total: job.total, by: job.created_by })}{" "}
          <Text span size="xs" c="dimmed">
            <TimeAgo at={job.finished_at ?? job.created_at} />
          </Text>
        </Text>
        {open && can("runs.operate") && (
          <Group gap={6}>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => change.mutate(job.status === "paused" ? "resume" : "pause")}
            >
              {job.status === "paused" ? r("job.resume") : r("job.pause")}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => change.mutate("cancel")}>
              {r("job.cancel")}
            </Button>
          </Group>
        )}
      </Group>
      {open && <Progress size="sm" value={share} my={8} aria-label={r("job.progress")} />}
      {!open && <Outcomes counts={inThePast(job)} />}
      <Collapse expanded={refused > 0}>
        <Text size="xs" c="dimmed" mt={6}>
          {r("job.refused", { count: refused })}
        </Text>
        {job.problems.map(({ dead_letter_id, business_key, why }) => (
          <Text key={dead_letter_id} size="xs">
            <Anchor
              size="xs"
              renderRoot={(props) => (
                <Link
                  to="/w/$ws/errors/$deadLetterId"
                  params={{ ws, deadLetterId: dead_letter_id }}
                  {...props}
                />
              )}
            >
              {business_key || dead_letter_id}
            </Anchor>{" "}
            {why}
          </Text>
        ))}
      </Collapse>
    </li>
  );
}

/** What a job did: of a retry only how many went, not what was expected of them. */
function inThePast({ action, counts }: BulkJob): Record<string, number> {
  if (action !== "retry") return counts;
  const { refused = 0, ...went } = counts;
  return { retried: Object.values(went).reduce((sum, each) => sum + each, 0), refused };
}
