import { QueryClient } from "@tanstack/react-query";

/** For requests whose responses are not tasks. */
export const queryClient = new QueryClient();
