/**
 * The buttons with a word in `title` or `data-words` that begins with each word of `query`. Those with this name come
 * first, then names that begin so or have all these words, then all others. Each of these groups keeps the order.
 */
export function bestFirst(buttons, query) {
  const asked = wordsOf(query)
  const rated = buttons.map((button) => ({ button, rank: rank(button.title, button.dataset.words ?? "", asked) }))
  return rated.filter(({ rank }) => rank !== null).sort((a, b) => a.rank - b.rank).map(({ button }) => button)
}

function rank(title, words, asked) {
  const inName = wordsOf(title)
  const known = [...inName, ...wordsOf(words)]
  if (!asked.every((word) => known.some((other) => other.startsWith(word)))) return null
  if (inName.join(" ") === asked.join(" ")) return 0
  if (inName.join(" ").startsWith(asked.join(" "))) return 1
  if (asked.every((word) => inName.includes(word))) return 2
  return asked.every((word) => known.includes(word)) ? 3 : 4
}

// Every keyboard can also type "twelve o'clock" and "Aland".
function wordsOf(text) {
  const plain = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replaceAll("’", "'")
  return plain.toLowerCase().split(/[\s:,&-]+/).filter(Boolean)
}
