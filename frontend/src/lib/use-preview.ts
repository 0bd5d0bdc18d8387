import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { TodoApiError } from "todo-api-client";
import { api, timeZone } from "./api-client";
import { bodyOf } from "./queue";
import type { TaskFields } from "./task";

type Value = Pick<TaskFields, "due_date" | "due_at" | "time_zone" | "repeat">;

/** Returns the next dates of a rule, or what is wrong with it. Offline it returns neither: the API
 *  checks the rule when the task is sent. */
export function usePreview(value: Value | undefined): { dates?: string[]; problem?: string } {
  const { data, error } = useQuery({
    queryKey: ["repeat", value],
    enabled: Boolean(value?.repeat),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { repeat, ...due } = value as Value;
      const { data } = await api.POST("/api/repeat/preview", {
        params: { header: { "Time-Zone": timeZone() } },
        body: { ...bodyOf(due), repeat: repeat ?? { rule: "" } },
      });
      return data.dates;
    },
  });
  if (!value?.repeat) return {};
  if (error instanceof TodoApiError && error.status === 400) return { problem: error.message };
  return data ? { dates: data } : {};
}
