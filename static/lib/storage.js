/**
 * The browser's lasting storage, under keys of this app. Where the browser refuses it (private windows, no room left),
 * memory keeps the values for as long as the page lives.
 */
const PREFIX = "plainwire:"
const memory = new Map()

export function read(key) {
  if (memory.has(key)) return memory.get(key)
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key))
  } catch {
    return null
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value))
    memory.delete(key)
  } catch {
    memory.set(key, value)
  }
}

export function erase(key) {
  memory.delete(key)
  try {
    localStorage.removeItem(PREFIX + key)
  } catch {
    // Then nothing was kept.
  }
}

/** All keys that begin with `start`. */
export function keys(start) {
  let kept = []
  try {
    kept = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length))
  } catch {
    // Only memory.
  }
  return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(start))
}

/**
 * Calls `listener()` when another tab of the browser changes a key that begins with `start`. Returns a function that
 * stops this.
 */
export function onChange(start, listener) {
  const heard = ({ key }) => (key === null || key.startsWith(PREFIX + start)) && listener()
  addEventListener("storage", heard)
  return () => removeEventListener("storage", heard)
}
