/**
 * Returns those of `chats` in whose `title` every word of `query` begins a word. Titles that begin with the query come
 * first. Otherwise the chats keep their order.
 */
export default function findChats(chats, query) {
  const wanted = wordsOf(query)
  const found = chats.filter(({ title }) => {
    const words = wordsOf(title)
    return wanted.every((start) => words.some((word) => word.startsWith(start)))
  })
  const begins = ({ title }) => folded(title).startsWith(folded(query).trim())
  return [...found.filter(begins), ...found.filter((chat) => !begins(chat))]
}

function wordsOf(text) {
  return folded(text).split(/[\s\p{P}]+/u).filter(Boolean)
}

// Removes case and accents.
function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
}
