import { Anchor, Collapse, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { keys } from "@/api/queries";
import type { BulkJob } from "@/api/types";
import { isOpen, JobFrame, JobList } from "@/shared/jobs";
import { useWorkspace } from "@/shared/workspace";
import { Outcomes } from "./Outcomes";
import { bulkJobsQuery, bulkKey, bulkPath } from "./queries";
import { r } from "./records.en";

/** What is being done to many records, and what was done just now. */
export function BulkJobs() {
  const { ws, env } = useWorkspace();
  const { data: jobs = [] } = useQuery(bulkJobsQuery(ws, env));
  return (
    <JobList jobs={jobs} label={r("job.progress")} changes={keys.deadLetters(ws)}>
      {(job) => <Job job={job} />}
    </JobList>
  );
}

function Job({ job }: { job: BulkJob }) {
  const { ws, can } = useWorkspace();
  const refused = job.counts.refused ?? 0;
  return (
    <JobFrame
      job={job}
      title={job.status === "running" ? r(`job.${job.action}`) : r(`job.${job.status}`)}
      stop={r("job.cancel")}
      progress={r("job.progress")}
      path={bulkPath(ws, job.id)}
      listed={bulkKey(ws)}
      mayChange={can("runs.operate")}
    >
      {!isOpen(job) && <Outcomes counts={inThePast(job)} />}
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
    </JobFrame>
  );
}

/** What a job did: of a retry only how many went, not what was expected of them. */
function inThePast({ action, counts }: BulkJob): Record<string, number> {
  if (action !== "retry") return counts;
  const { refused = 0, ...went } = counts;
  return { retried: Object.values(went).reduce((sum, each) => sum + each, 0), refused };
}
