import assert from "node:assert/strict";
import { test } from "node:test";
import { filtersFrom, queryOf, UNFILTERED } from "../src/lib/filters.ts";

test("it keeps in the address what differs from the usual, and reads it back", () => {
  const filters = { status: "pending", sort: "title", search: "plants & cats" } as const;

  const query = queryOf(filters);

  assert.equal(query, "?status=pending&sort=title&search=plants+%26+cats");
  assert.deepEqual(filtersFrom(new URLSearchParams(query)), filters);
  assert.equal(queryOf(UNFILTERED), "");
});

test("it takes what makes no sense in an address as not there", () => {
  const filters = filtersFrom(new URLSearchParams("status=constructor&sort=colour&search=+"));

  assert.deepEqual(filters, UNFILTERED);
});
