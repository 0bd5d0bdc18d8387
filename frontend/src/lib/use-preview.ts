import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { TodoApiError } from "todo-api-client";
import { api } from "./api-client";
import { timeZone } from "./day";
import { queryClient } from "./query-client";
import { bodyOf } from "./queue";
import type { TaskFields } from "./task";

type Value = Pick<TaskFields, "due_date" | "due_at" | "time_zone" | "repeat">;
export type RulePreview = { dates?: string[]; problem?: string };

const keyOf = ({ due_date, due_at, repeat }: Value) => ["repeat", due_date, due_at, repeat];

/** Returns the next dates of a rule, or what is wrong with it. Offline it returns neither: the API
 *  checks the rule when the task is sent. */
export function usePreview(value: Value): RulePreview {
  const { data, error } = useQuery({
    queryKey: keyOf(value),
    enabled: Boolean(value.repeat),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const { repeat, due_date, due_at, time_zone } = value;
      const { data } = await api.POST("/api/repeat/preview", {
        params: { header: { "Time-Zone": timeZone() } },
        body: { ...bodyOf({ due_date, due_at, time_zone }), repeat: repeat ?? { rule: "" } },
      });
      return data.dates;
    },
  });
  if (!value.repeat) return {};
  const problem = problemOf(error);
  if (problem) return { problem };
  return data ? { dates: data } : {};
}

/** Returns what a preview has found to be wrong with the rule, also after it is no longer shown. */
export const ruleProblem = (value: Value): string | undefined =>
  problemOf(queryClient.getQueryState(keyOf(value))?.error);

const problemOf = (error: unknown) =>
  error instanceof TodoApiError && error.status === 400 ? error.message : undefined;
