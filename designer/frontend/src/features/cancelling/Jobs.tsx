import { useQuery } from "@tanstack/react-query";
import { keys } from "@/api/queries";
import type { RunJob } from "@/api/types";
import { JobFrame, JobList } from "@/shared/jobs";
import { useWorkspace } from "@/shared/workspace";
import classes from "./cancelling.module.css";
import { t } from "./en";
import { jobPath, runJobsKey, runJobsQuery } from "./queries";

const BECAME = ["cancelled", "under_way", "not_needed", "over"] as const;

/** What is being cancelled in this environment, and what was cancelled just now. */
export function RunJobs() {
  const { ws, env } = useWorkspace();
  const { data: jobs = [] } = useQuery(runJobsQuery(ws, env));
  return (
    <JobList jobs={jobs} label={t("jobs.label")} changes={keys.runs(ws)}>
      {(job) => <Job job={job} />}
    </JobList>
  );
}

/** One job: how far it is, what became of the runs, and the buttons that stop it. */
export function Job({ job }: { job: RunJob }) {
  const { ws, can } = useWorkspace();
  const became = BECAME.filter((name) => (job.counts[name] ?? 0) > 0);
  return (
    <JobFrame
      job={job}
      title={t(`job.${job.status}`)}
      stop={t("job.stop")}
      progress={t("job.progress")}
      path={jobPath(ws, job.id)}
      listed={runJobsKey(ws)}
      mayChange={can("runs.operate", job.environment)}
    >
      {became.length > 0 && (
        <ul className={classes.became}>
          {became.map((name) => (
            <li key={name}>{t(`became.${name}`, { count: job.counts[name] ?? 0 })}</li>
          ))}
        </ul>
      )}
    </JobFrame>
  );
}
