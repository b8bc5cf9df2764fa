const MARK = /<!--(?:(?:after|grown) (?:(\S+) )?(\d+)|full(?: (\S+))?)-->$/

/**
 * What a change says of itself, in the comment at its end: the `name` of its stream, and what it follows. `full` ones fit
 * every page. Returns null for a passing state, which has no mark.
 *
 * One that grows says `grown` for `after`. Pages of an earlier release do not know it, and so take it for nothing that they
 * have shown.
 *
 * An address of several streams names each of them (`<!--after post:7 42-->`). That of one stream does not
 * (`<!--after 42-->`), and there `name` is undefined.
 */
export function markOf(html) {
  const found = MARK.exec(html)
  if (!found) return null
  const [, follower, after, whole] = found
  const name = follower ?? whole
  return { name: name && decodeURIComponent(name), after, full: after === undefined }
}

/**
 * Where each stream stands, from the id of an event or the data of `event: revision`: a Map of names and numbers, from
 * "post:7=43&user:4=118", or from "43" with the name undefined.
 */
export function positions(text) {
  if (text === "") return new Map()
  const pairs = text.includes("=") ? [...new URLSearchParams(text)] : [[undefined, text]]
  return new Map(pairs.map(([name, position]) => [name, Number(position)]))
}
