/** Puts `text` on the clipboard, also on plain http, where browsers hide the modern way. */
export async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text)
  } catch {
    copyTheOldWay(text)
  }
}

/** The same for a text that has yet to come. Some browsers let only the click itself write to the clipboard. */
export async function copyPromised(promise) {
  try {
    const blob = promise.then((text) => new Blob([text], { type: "text/plain" }))
    blob.catch(() => {}) // told by `promise` itself
    return await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })])
  } catch {
    return copy(await promise)
  }
}

function copyTheOldWay(text) {
  const area = document.createElement("textarea")
  area.value = text
  area.className = "visually-hidden"
  document.body.append(area)
  area.select()
  document.execCommand("copy")
  area.remove()
}
