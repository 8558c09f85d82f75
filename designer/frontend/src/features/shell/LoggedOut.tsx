import { Button, Group, Modal, Text } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api } from "@/api/client";
import { meQuery } from "@/api/queries";
import { logInReturned, onLogInEnded } from "@/api/session";
import type { Me } from "@/api/types";
import { t } from "./en";

/** Says that the log-in has ended, keeps the page as it is, and goes on after the next one. */
export function LoggedOut() {
  const cache = useQueryClient();
  const [out, setOut] = useState(false);
  const [still, setStill] = useState(false);
  useEffect(() => onLogInEnded(() => setOut(true)), []);

  const look = useCallback(async () => {
    let me: Me;
    try {
      me = await api.get<Me>("/me");
    } catch {
      setStill(true);
      return;
    }
    const before = cache.getQueryData(meQuery.queryKey);
    if (before && before.user.id !== me.user.id) {
      // Somebody else: nothing of what is shown here may be taken for theirs.
      window.location.reload();
      return;
    }
    setOut(false);
    setStill(false);
    logInReturned();
    void cache.invalidateQueries();
  }, [cache]);

  useEffect(() => {
    if (!out) return;
    const back = () => document.visibilityState === "visible" && void look();
    window.addEventListener("focus", back);
    document.addEventListener("visibilitychange", back);
    return () => {
      window.removeEventListener("focus", back);
      document.removeEventListener("visibilitychange", back);
    };
  }, [out, look]);

  return (
    <Modal
      opened={out}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      zIndex={1000}
      title={t("loggedOut.title")}
    >
      <Text size="sm">{t("loggedOut.text")}</Text>
      <div role="status">
        {still && (
          <Text size="sm" mt="xs" fw={550}>
            {t("loggedOut.still")}
          </Text>
        )}
      </div>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={() => void look()}>
          {t("loggedOut.goOn")}
        </Button>
        <Button
          component="a"
          href="/login?next=/"
          target="_blank"
          rel="noopener"
          leftSection={<IconExternalLink size={16} aria-hidden />}
        >
          {t("loggedOut.logIn")}
        </Button>
      </Group>
    </Modal>
  );
}
