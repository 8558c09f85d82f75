import { Alert, Button, Group, List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { asProblem } from "@/api/client";
import { t } from "@/shared/i18n/ui.en";

interface ProblemAlertProps {
  error: unknown;
  onRetry?: () => void;
  /** A button that does what the hint says. */
  action?: ReactNode;
}

/** A refusal of the server: what happened, why, and what to do. Shows nothing without an error. */
export function ProblemAlert({ error, onRetry, action }: ProblemAlertProps) {
  if (!error) return null;
  const problem = asProblem(error);
  const faults = fieldErrors(problem.extras.errors);
  return (
    <Alert
      color="red"
      role="alert"
      variant="light"
      icon={<IconAlertCircle aria-hidden />}
      title={problem.title}
    >
      {problem.message !== problem.title && <Text size="sm">{problem.message}</Text>}
      {faults.length > 0 ? (
        <List size="sm" mt={4}>
          {faults.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>
              {field && <b>{field}: </b>}
              {message}
            </List.Item>
          ))}
        </List>
      ) : (
        problem.hint &&
        problem.hint !== problem.message && (
          <Text size="sm" mt={4}>
            {problem.hint}
          </Text>
        )
      )}
      <Group mt="xs" gap="xs">
        {action}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("problem.retry")}
          </Button>
        )}
        {problem.requestId && (
          <Text size="xs" c="dimmed" ff="monospace">
            {t("problem.request", { id: problem.requestId })}
          </Text>
        )}
      </Group>
    </Alert>
  );
}

interface FieldError {
  field: string;
  message: string;
}

/** What is wrong with single fields, where the server says so. */
function fieldErrors(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(
    (entry): entry is FieldError => typeof entry === "object" && typeof entry?.message === "string",
  );
}

/** Tells in a corner of the screen that an action failed, and why. */
export function notifyProblem(error: unknown, title?: string): void {
  const problem = asProblem(error);
  notifications.show({
    color: "red",
    title: title ?? problem.title,
    message: problem.hint ? `${problem.message} ${problem.hint}` : problem.message,
    autoClose: 9000,
  });
}
