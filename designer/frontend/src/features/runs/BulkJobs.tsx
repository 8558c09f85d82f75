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
    <JobList
      jobs={jobs}
      label={r("job.progress")}
      changes={keys.deadLetters(ws)}
      stays={({ results }) => Boolean(results?.under_way)}
    >
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
      title={titleOf(job)}
      stop={r("job.cancel")}
      progress={r("job.progress")}
      path={bulkPath(ws, job.id)}
      listed={bulkKey(ws)}
      mayChange={can("runs.operate")}
    >
      {(job.results || !isOpen(job)) && (
        <Outcomes
          counts={cameOf(job)}
          linked={(outcome, words) =>
            outcome === "failed_again" ? (
              <Anchor
                inherit
                renderRoot={(props) => (
                  <Link
                    to="/w/$ws/errors"
                    params={{ ws }}
                    search={(before: object) => ({ ...before, job: job.id })}
                    {...props}
                  />
                )}
              >
                {words}
              </Anchor>
            ) : null
          }
        />
      )}
      <Collapse expanded={refused > 0}>
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

/** Of a retry what became of the records by now, not that they were retried. */
function cameOf({ results, counts }: BulkJob): Record<string, number> {
  return results ? { ...results, refused: counts.refused ?? 0 } : counts;
}

function titleOf({ action, status, results, counts }: BulkJob): string {
  if (status === "running") return r(`job.${action}`);
  if (status !== "done" || !results) return r(`job.${status}`);
  if (results.under_way) return r("job.underWay");
  const all = Object.keys(results).every((name) => name === "went_through") && !counts.refused;
  return r(all ? "job.allThrough" : "job.someFailed");
}
