import assert from "node:assert/strict";
import { test } from "node:test";
import { filtersFrom, queryOf, UNFILTERED } from "../src/lib/filters.ts";

test("the query string contains only values that differ from the defaults, and can be parsed", () => {
  const filters = { status: "pending", sort: "title", search: "plants & cats" } as const;

  const query = queryOf(filters);

  assert.equal(query, "?status=pending&sort=title&search=plants+%26+cats");
  assert.deepEqual(filtersFrom(new URLSearchParams(query)), filters);
  assert.equal(queryOf(UNFILTERED), "");
});

test("invalid values in a query string are ignored", () => {
  const filters = filtersFrom(new URLSearchParams("status=constructor&sort=colour&search=+"));

  assert.deepEqual(filters, UNFILTERED);
});
