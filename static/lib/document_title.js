const COUNT = /^\(\d+\+?\) /
const DOT = "%3Ccircle cx='20.5' cy='7.5' r='7' fill='%23d92d20' stroke='white' stroke-width='1.5'/%3E"

/** Names the document, "Team · Plainwire" with the name of the place, and keeps the count before its name. */
export function nameDocument(title) {
  const place = document.querySelector("meta[name=application-name]").content
  document.title = `${document.title.match(COUNT)?.[0] ?? ""}${title} · ${place}`
}

/** Puts the unread count before the name, "(3) Team · Plainwire", and a dot on the icon. "" removes both. */
export function countInTitle(words) {
  const title = document.title.replace(COUNT, "")
  const counted = words ? `(${words}) ${title}` : title
  if (document.title !== counted) document.title = counted
  const icon = document.querySelector("link[rel=icon]")
  if (!icon) return
  icon.dataset.plain ??= icon.href
  const { plain } = icon.dataset
  const wanted = words ? plain.replace("%3C/svg%3E", `${DOT}%3C/svg%3E`) : plain
  if (icon.href !== wanted) icon.href = wanted
}
