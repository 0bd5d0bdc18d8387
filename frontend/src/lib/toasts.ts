import { Toast } from "@base-ui/react/toast";

export const toasts = Toast.createToastManager();
export type Toasts = typeof toasts;
