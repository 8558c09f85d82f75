import { Button, Group, Radio, Skeleton, Switch, Text, Title } from "@mantine/core";
import { IconShoppingCart } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { exactText, parseExact } from "@/api/exact";
import { keys } from "@/api/queries";
import type { OrderSample } from "@/api/types";
import { checkJson, JsonEditor } from "@/features/runs/list";
import { Money } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { LatestRuns, type PlacedOrder } from "./LatestRuns";
import { orderSamplesQuery } from "./queries";
import classes from "./SandboxPage.module.css";

const RANDOM = "random";

interface Placed {
  order: { entity_id: number; increment_id: string };
}

/** A customer of the sandbox shop orders something; the runs that follow appear beside it. */
export function PlaceOrder() {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const samples = useQuery(orderSamplesQuery(ws));
  const [choice, setChoice] = useState<string | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const [placed, setPlaced] = useState<PlacedOrder | null>(null);

  const chosen = choice ?? samples.data?.[0]?.id ?? RANDOM;
  const sample = samples.data?.find(({ id }) => id === chosen);
  const checked = edited === null ? null : checkJson(edited);

  const place = useMutation({
    mutationFn: () => {
      const wish =
        checked?.ok === true
          ? { order: parseExact(checked.text) }
          : sample
            ? { sample: sample.id }
            : { random: true };
      return api.post<Placed>(inWorkspace(ws, "/sandboxes/magento/orders"), wish);
    },
    onMutate: () => setPlaced(null),
    onSuccess: ({ order }) => {
      setPlaced({ number: order.increment_id, at: Date.now() });
      return cache.invalidateQueries({ queryKey: keys.sandboxes(ws) });
    },
  });

  return (
    <div className={classes.columns}>
      <section>
        <Title order={2} mb="sm">
          {t("order.title")}
        </Title>
        {samples.error && !samples.data ? (
          <ProblemAlert error={samples.error} onRetry={() => void samples.refetch()} />
        ) : !samples.data ? (
          <Skeleton height={220} radius="md" />
        ) : (
          <Radio.Group
            aria-label={t("order.samples")}
            value={chosen}
            onChange={(value) => {
              setChoice(value);
              setEdited(null);
            }}
          >
            <div className={classes.samples}>
              {samples.data.map((entry) => (
                <Sample
                  key={entry.id}
                  value={entry.id}
                  chosen={chosen === entry.id}
                  title={entry.title}
                  description={entry.description}
                  sample={entry}
                />
              ))}
              <Sample
                value={RANDOM}
                chosen={chosen === RANDOM}
                title={t("order.random")}
                description={t("order.random.text")}
              />
            </div>
          </Radio.Group>
        )}
        {sample && (
          <Switch
            mt="md"
            label={t("order.edit")}
            checked={edited !== null}
            onChange={(event) =>
              setEdited(event.currentTarget.checked ? JSON.stringify(sample.order, null, 2) : null)
            }
          />
        )}
        {edited !== null && (
          <div style={{ marginTop: 12 }}>
            <JsonEditor
              label={t("order.edit.label")}
              description={t("order.edit.help")}
              value={edited}
              original={sample && JSON.stringify(sample.order, null, 2)}
              onChange={setEdited}
            />
          </div>
        )}
        <Group gap="sm" className={classes.place}>
          <Button
            size="md"
            leftSection={<IconShoppingCart size={18} aria-hidden />}
            loading={place.isPending}
            // Before the samples are there nobody has chosen one.
            disabled={!can("sandbox.use") || samples.isLoading || checked?.ok === false}
            onClick={() => place.mutate()}
          >
            {t("order.place")}
          </Button>
          {!can("sandbox.use") ? (
            <Text size="sm" c="dimmed">
              {t("role.looksOnly")}
            </Text>
          ) : (
            checked?.ok === false && (
              <Text size="sm" c="dimmed">
                {t("order.place.disabled")}
              </Text>
            )
          )}
        </Group>
        {place.error && (
          <div style={{ marginTop: 12 }}>
            <ProblemAlert error={place.error} />
          </div>
        )}
      </section>
      <LatestRuns placed={placed} />
    </div>
  );
}

interface SampleProps {
  value: string;
  chosen: boolean;
  title: string;
  description: string;
  sample?: OrderSample;
}

function Sample({ value, chosen, title, description, sample }: SampleProps) {
  const total = exactText(sample?.order.grand_total);
  const currency = exactText(sample?.order.order_currency_code);
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is its control
    <label className={classes.sample} data-checked={chosen || undefined}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Radio value={value} label={title} description={description} />
        {total !== null && (
          <Text span size="sm" className={classes.total}>
            <Money amount={total} currency={currency} />
          </Text>
        )}
      </Group>
    </label>
  );
}
