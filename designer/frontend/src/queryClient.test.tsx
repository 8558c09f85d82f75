import { QueryClientProvider, useMutation, useQuery } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeQueryClient } from "./queryClient";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

function window() {
  const client = makeQueryClient();
  const asked = vi.fn(async () => asked.mock.calls.length);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const look = async () => {
    const panel = renderHook(() => useQuery({ queryKey: ["hook"], queryFn: asked }), { wrapper });
    await waitFor(() => expect(panel.result.current.isFetching).toBe(false));
    panel.unmount();
    return asked.mock.calls.length;
  };
  const change = async () => {
    const button = renderHook(() => useMutation({ mutationFn: async () => true }), { wrapper });
    await act(() => button.result.current.mutateAsync());
    button.unmount();
  };
  return { look, change };
}

test("what was just read is not asked again", async () => {
  const { look } = window();
  expect(await look()).toBe(1);
  vi.setSystemTime(1_005_000);
  expect(await look()).toBe(1);
});

test("after a change everything that is looked at is asked again, once", async () => {
  const { look, change } = window();
  expect(await look()).toBe(1);
  vi.setSystemTime(1_005_000);
  await change();
  vi.setSystemTime(1_005_500);
  expect(await look()).toBe(2);
  expect(await look()).toBe(2);
});
