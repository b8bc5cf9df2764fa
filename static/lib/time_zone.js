import { send } from "lib/request"

/** Tells the server the time zone of this browser, once, if the reader's account has none. */
export async function tellTimeZone() {
  const element = document.querySelector("meta[name=time-zone]")
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!element || element.content || !zone) return
  element.content = zone
  await send("/time_zones", { fields: { time_zone: zone } }).catch(() => {})
}
