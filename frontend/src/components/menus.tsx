import { ThemeMenu } from "./theme-menu";
import { UserMenu } from "./user-menu";

export function Menus() {
  return (
    <>
      <ThemeMenu />
      <UserMenu />
    </>
  );
}
