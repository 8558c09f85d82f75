import { Badge, Chip, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { ProblemAlert, VendorIcon } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./AddConnection.module.css";
import { categoryText, t } from "./en";
import { categoriesOf } from "./model";
import { connectorsQuery } from "./queries";
import { useBeginning } from "./useBeginning";

/** All systems that can be connected, by name and by category. */
export function Catalogue({ onChoose }: { onChoose: (slug: string) => void }) {
  const { ws } = useWorkspace();
  const { data, error, refetch } = useQuery(connectorsQuery(ws));
  const [text, setText] = useState("");
  const [category, setCategory] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const found = data
    ?.filter(({ categories = [] }) => category === "" || categories.includes(category))
    .filter(({ name, description, categories }) =>
      [name, description, ...(categories ?? [])].some((part) =>
        part.toLowerCase().includes(wanted),
      ),
    );
  const categories = data ? categoriesOf(data) : [];
  return (
    <Stack gap="md" ref={useBeginning()}>
      <TextInput
        type="search"
        data-autofocus
        aria-label={t("add.search")}
        placeholder={t("add.search")}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {categories.length > 1 && (
        <Chip.Group value={category} onChange={(value) => setCategory(value as string)}>
          <Group gap={6} role="group" aria-label={t("add.categories")}>
            <Chip size="xs" value="">
              {t("add.all", { count: data?.length ?? 0 })}
            </Chip>
            {categories.map(({ name, count }) => (
              <Chip key={name} size="xs" value={name}>
                {categoryText(name)} ({count})
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {found?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("add.none", { text })}
        </Text>
      )}
      <ul className={classes.catalogue} aria-label={t("add.catalogue")} aria-busy={!found}>
        {found?.map((connector) => (
          <li key={connector.slug}>
            <button
              type="button"
              className={classes.system}
              disabled={connector.enabled === false}
              title={connector.enabled === false ? t("add.off.help") : undefined}
              onClick={() => onChoose(connector.slug)}
            >
              <VendorIcon icon={connector.icon ?? connector.slug} name={connector.name} size={38} />
              <span className={classes.systemWords}>
                <b>{connector.name}</b>
                {connector.enabled === false && (
                  <Badge size="xs" color="gray" component="span" ml={6}>
                    {t("add.off")}
                  </Badge>
                )}
                <Text span size="xs" c="dimmed" lineClamp={2}>
                  {connector.description}
                </Text>
              </span>
            </button>
          </li>
        )) ??
          [1, 2, 3, 4].map((key) => (
            <li key={key}>
              <Skeleton height={74} radius="md" />
            </li>
          ))}
      </ul>
    </Stack>
  );
}
