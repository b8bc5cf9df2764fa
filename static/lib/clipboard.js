/** Puts `text` on the clipboard, also on plain http, where browsers hide the modern way. */
export async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text)
  } catch {
    copyTheOldWay(text)
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
