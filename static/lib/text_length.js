const NEAR = 500 // characters before the limit at which the hint begins

/** How many characters more than `limit`; negative where there is room. Counts as the server does: an emoji is one. */
export function excess(text, limit) {
  return (text.length > limit ? [...text].length : text.length) - limit
}

/** The hint for the writer, empty while the limit is far. */
export function remaining(text, limit) {
  if (text.length <= limit - NEAR) return ""
  const over = [...text].length - limit
  if (over <= -NEAR) return ""
  return over > 0 ? `${characters(over)} too long` : `${characters(-over)} left`
}

function characters(number) {
  return `${number.toLocaleString("en")} ${number === 1 ? "character" : "characters"}`
}
